# 输入有误时的提示：说明哪里不对，并告诉怎么改。
error-required = 请填写此项。
error-too-long = 最多 { $max } 个字，现在是 { $count } 个字，请删减一些。
error-control-character = 包含不可见的控制字符（{ $code }），请删除后再提交。
error-unknown-code = 不认识这个选项，请从列出的选项中选择。
error-unknown-code-of = 不认识这个选项，请使用下列选项之一：{ $codes }。
error-unknown-language = 这里没有使用这种语言，请使用下列语言之一：{ $languages }。
error-unknown-field = 不认识这个字段，请检查拼写。
error-duplicate-field = 这个字段出现了两次，请只保留一个。
error-wrong-type = { $expected ->
    [text] 这里应为文字，并加英文双引号。
    [texts] 这里应为文字（加英文双引号），或按语言分别给出文字的对象。
    [code] 这里应为下列选项之一，并加英文双引号：{ $codes }。
    [whole] 这里应为范围内的整数，不加引号。
    [number] 这里应为数字，不加引号。
    [flag] 这里应为 true 或 false，不加引号。
    [list] 这里应为列表，用方括号括起。
    [object] 这里应为对象，请用花括号括起，并写明各字段的名称。
   *[other] 这里的内容不符合要求的格式。
}
error-bad-json = 这不是有效的 JSON，请检查第 { $line } 行第 { $column } 列附近。
error-bad-reference = 编号不对，请核对每个字母和数字，例如 R-7KQ4M2。
error-bad-idempotency-key = 需要 22 到 128 个字母、数字或 - _ . ~ 组成的请求标识。
error-bad-phone = 电话号码看起来不完整，请填写 5 到 20 位数字，可带区号和分机。
error-bad-email = 邮箱地址看起来不完整，例如 name@example.com。
error-time-and-unknown = 既然给出了时间，就请不要选择“时间不详”。
error-in-the-future = 这个时间还没有到，请核对日期、上午下午和时区。
error-too-long-ago = 这个时间超过一年，请核对年份。
error-bad-name = 登录名请用 2 到 60 个文字、字母、数字或 . _ - @，不含空格。
error-name-taken = 这个登录名已有人使用，请换一个。
error-password-too-short = 密码至少 { $min } 个字符，可以用一句好记的话。
error-password-too-common = 这个密码太容易猜到，请换一个，例如几个不相干的词。
error-bad-text = 内容不是有效的 UTF-8 文字，请重新输入。
conflict-taken = 已经存在，请换一个名称。
conflict-last-administrator = 这是最后一位管理员，请先指定另一位管理员。
error-key-taken = 这个标识已经有了，请换一个。
error-bad-cursor = 翻页位置不对，请从第一页重新开始。
