# 维护、通知、功能：固定用词，以及填写有误时的提示。
state-draft = 草稿
state-scheduled = 即将维护
state-in-progress = 维护进行中
state-verifying = 正在测试
state-completed = 已完成
state-cancelled = 已取消
state-overdue = 已超时
state-moved = 时间已调整
stage-before = 维护开始前
stage-assessment = 系统评估
stage-diagnosis = 问题识别
stage-planning = 方案制定
stage-implementation = 方案实施
stage-testing = 系统测试
stage-restored = 恢复上线
stage-after = 恢复上线后
component-impact-none = 不受影响
component-impact-degraded = 可用，但可能变慢
component-impact-partial-outage = 部分不可用
component-impact-major-outage = 整体不可用
component-impact-maintenance = 停用维护
contact-phone = 电话
contact-email = 邮箱
contact-link = 网址
contact-chat = 在线支持或群
contact-other = 其他
survey-template-short = 简短（满意度、是否看到通知、意见和建议）
survey-template-full = 完整（另加净推荐值、轻松度等）
fold-earlier = 较早的一次
fold-later = 较晚的一次

error-bad-slug = 地址名称只能用小写字母、数字和连字符，首尾不能是连字符，例如 core-upgrade-2026。
error-slug-taken = 这个地址名称已被另一次维护使用，请换一个。
error-slug-fixed = 通知已经发布，地址名称不能再改，否则已发出的链接会失效。
error-bad-key = 标识只能用小写字母、数字和连字符，首尾不能是连字符，例如 month-end。
error-end-before-start = 结束时间要晚于开始时间，请核对日期和上午下午。
error-end-in-the-past = 计划结束时间已经过去，请先改为将来的时间再发布。
error-window-too-long = 一次维护最长 { $days } 天，请缩短，或分成几次维护。
error-window-ended = 这次维护已经结束，时间不能再改。
error-start-fixed = 维护已经开始，开始时间不能再改；结束时间仍可调整。
error-after-window-end = 这个时间晚于维护的计划结束时间，请改早一些。
error-interruption-outside-window = 中断时间要在维护的计划时间之内。
error-out-of-range = 请填写 { $min } 到 { $max } 之间的整数。
error-not-a-number = 请填写整数。
error-duplicate-component = 功能“{ $key }”列了两次，请只保留一次。
error-unknown-component = 找不到或已停用的功能：{ $keys }。请从功能列表中选择。
error-move-not-allowed = 维护现在的状态是“{ $from ->
        [draft] 草稿
        [scheduled] 即将维护
        [in_progress] 维护进行中
        [verifying] 正在测试
        [completed] 已完成
       *[cancelled] 已取消
    }”，不能改为“{ $to ->
        [draft] 草稿
        [scheduled] 即将维护
        [in_progress] 维护进行中
        [verifying] 正在测试
        [completed] 已完成
       *[cancelled] 已取消
    }”。请查看最新状态。
error-untested = 这些功能还没有勾选为已测试：{ $keys }。全部测试通过后才能完成维护。
error-tested-required = 完成维护前，请勾选已经测试通过的功能。
error-window-unpublished = 这次维护还是草稿，请先发布通知。
error-stage-contradicts = 阶段“{ $stage ->
        [assessment] 系统评估
        [diagnosis] 问题识别
        [planning] 方案制定
        [implementation] 方案实施
        [testing] 系统测试
       *[restored] 恢复上线
    }”与状态“{ $state ->
        [draft] 草稿
        [scheduled] 即将维护
        [in_progress] 维护进行中
        [verifying] 正在测试
        [completed] 已完成
       *[cancelled] 已取消
    }”不一致，请改一项。
error-unknown-zone = 找不到时区“{ $zone }”。请使用 IANA 名称，例如 Asia/Shanghai。
error-bad-time = 时间写法不对，请按“2026-11-22T02:31”的格式填写。
error-bad-date = 日期写法不对，请按“2026-11-22”的格式填写。
error-impossible-date = 日历上没有 { $date } 这一天，请核对月份和日期。
error-time-out-of-range = 年份请填写 { $min } 到 { $max } 之间。
error-time-in-gap = { $zone } 在这一天调快时钟，从 { $gap_start } 直接跳到 { $gap_end }，{ $time } 并不存在。请选择前后的时间。
error-time-ambiguous = { $zone } 在这一天调慢时钟，{ $time } 会出现两次（{ $earlier } 和 { $later }）。请选择是哪一次。
error-too-many = 最多 { $max } 项，现在有 { $count } 项，请减少一些。
error-bad-weekday = 星期请用 1（星期一）到 7（星期日）。
error-bad-clock-time = 钟点写法不对，请按“09:00”的格式填写，最晚“24:00”。
error-bad-link = 网址要以 http:// 或 https:// 开头，并且完整。
error-confirm-slug = 请原样输入“{ $slug }”来确认。
error-new-window-state = 新的维护只能是草稿（draft）或直接发布（scheduled）。
error-tested-without-completing = 勾选测试结果只能单独提交，或与完成维护（completed）一起提交。
error-bad-etag = If-Match 应当是本接口给出的 ETag，例如 "3"。
conflict-move-not-allowed = 维护现在的状态是“{ $from ->
        [draft] 草稿
        [scheduled] 即将维护
        [in_progress] 维护进行中
        [verifying] 正在测试
        [completed] 已完成
       *[cancelled] 已取消
    }”，不能改为“{ $to ->
        [draft] 草稿
        [scheduled] 即将维护
        [in_progress] 维护进行中
        [verifying] 正在测试
        [completed] 已完成
       *[cancelled] 已取消
    }”。可能有人刚刚改过，请查看最新状态。
conflict-window-unpublished = 这次维护还是草稿，不能发布进展。请先发布通知。
conflict-window-was-public = 通知已经发布过，不能删除；如果不再进行，请取消这次维护。
conflict-window-not-running = 维护没有在进行，不能勾选测试结果。

# 通知页面上的句子。
windows-comma = 、
windows-weekday-1 = 周一
windows-weekday-2 = 周二
windows-weekday-3 = 周三
windows-weekday-4 = 周四
windows-weekday-5 = 周五
windows-weekday-6 = 周六
windows-weekday-7 = 周日
windows-every-day = 每天
windows-hours-always = 每天 24 小时
windows-weekdays = { $from }至{ $to }
windows-day = { $day }（{ $weekday }）
windows-day-clock = { $day }{ $clock }
windows-next-day = 次日 { $clock }
windows-range = { $from }–{ $to }
windows-zone-china = 北京时间
windows-zone = { $zone }（{ $offset }）
windows-local = 您当地时间 {"{}"}
windows-to = –
windows-length = 预计 { $span }
windows-before = 原定 { $times }
windows-now-running = 维护正在进行，进展会及时发布在这里。
windows-now-running-until = 维护正在进行，预计结束时间：{ $end }。进展会及时发布在这里。
windows-now-verifying = 维护工作已完成，正在逐项测试，测试通过后恢复使用。
windows-now-overdue = 原定 { $end } 结束，现在还没有完成，已超时 { $late }。给您添麻烦了，我们会在这里继续发布进展。
windows-now-stage = 目前阶段：{ $stage }。
windows-now-never-started = 计划时间已过，但维护没有开始。请留意这里的后续通知。
windows-now-not-yet-started = 计划开始时间已到，维护尚未开始。
windows-now-completed = 维护已于 { $at } 完成，服务恢复使用。
windows-now-follow-up = { $until } 前，仍可就本次维护反馈问题。
windows-now-cancelled = 本次维护已取消，届时服务照常。
windows-now-stopped = 本次维护已中止，不再继续。
windows-when-took = 已于 { $at } 结束，历时 { $span }
windows-when-late = 比计划晚 { $span }
windows-when-early = 比计划提前 { $span }
windows-when-on-time = 按计划完成
windows-when-planned = { $times }，共 { $span }
windows-when-open = { $times } 开始，结束时间未定
windows-when-overdue = 计划结束时间已过，现在尚未结束
windows-when-began = 实际开始于 { $at }
windows-backup-finished = 备份完成于 { $at }
windows-backup-planned = 备份将于 { $at } 完成
windows-data-checked = 数据核对完成于 { $at }
windows-finish-before = 请在 { $at } 前完成手头的工作并保存
windows-hours-slot = { $days } { $from }–{ $to }
windows-hours-open = 现在有人值守
windows-hours-next = 现在无人值守，{ $at } 恢复值守
windows-tested = 已测试
windows-as-usual = 可照常使用
windows-interrupted = 中断时段：{ $times }（{ $span }）
windows-affected = 受影响时段：{ $times }（{ $span }）
windows-affected-from = { $from } 起
windows-others = 已收到 { $n } 条问题反馈，我们正在处理。
windows-others-component = 已收到 { $n } 条关于“{ $name }”的反馈，我们正在处理。
windows-stage-assessment = 开始评估系统。
windows-stage-diagnosis = 开始查找问题。
windows-stage-planning = 开始制定方案。
windows-stage-implementation = 开始实施。
windows-stage-testing = 开始测试。
windows-stage-restored = 全部功能恢复上线。
windows-answers = 您可能想知道
windows-q-when = 什么时候、要多久？
windows-q-concern = 和我有关吗？
windows-q-data = 我的数据安全吗？
windows-q-support = 怎样联系支持人员？
windows-q-prepare = 我该做什么？
windows-progress = 进展
windows-affected-title = 受影响的功能
windows-body = 详细说明
windows-report = 反馈问题
windows-survey = 填写满意度调查
windows-calendar = 加入日历
windows-demonstration = 演示数据：这里的维护、反馈和回答均为虚构。
windows-banner-demonstration = 演示
windows-home-title = 维护通知
windows-home-progress = 当前进展
windows-home-full = 查看完整通知
windows-home-quiet = 目前没有维护
windows-home-quiet-lead = 服务照常运行。如果遇到问题，请告诉我们。
windows-home-coming = 接下来的维护
windows-home-none = 没有计划中的维护
windows-home-none-detail = 有新的维护安排时，会显示在这里。
windows-home-recent = 最近的维护
windows-home-all = 全部记录
windows-home-affects = 影响：{ $names }
windows-home-from = { $start } 起，约 { $span }
windows-home-from-open = { $start } 起
windows-history-title = 维护记录
windows-history-none = 还没有维护记录
windows-history-none-detail = 发布过的维护都会保留在这里，包括调整和取消的。
windows-history-next = 更早的记录
windows-pages = 分页
windows-empty-title = 欢迎使用幕间
windows-empty-lead = 这是一台刚装好的服务器：用它发布维护通知，在维护期间收集问题反馈，结束后做满意度调查，再看看哪里可以改进。
windows-empty-step-1 = 在启动服务器的终端里，找到“set up”一行的链接。
windows-empty-step-2 = 用浏览器打开它，建立第一位管理员；也可以在那里载入演示数据先看看。
windows-empty-step-3 = 写下第一份维护通知并发布，它就会出现在这一页。

# 工作人员的维护页面。
editor-new = 新建维护
editor-edit = 编辑
editor-all = 全部
editor-by-state = 按状态筛选
editor-list = 全部维护，开始时间晚的在前
editor-none = 还没有维护
editor-none-detail = 新建一次维护，写好通知后发布，用户就能看到。
editor-state = 状态
editor-times = 时间
editor-optional = 选填
editor-stale = 在您编辑期间，有人改动了这次维护
editor-stale-detail = 您填写的内容都还在下面。请先核对最新内容；再次保存会以您的内容为准。
editor-public = 通知已经发布：保存后立即公开。改动时间会保留原定时间供大家查看。
editor-texts = 通知内容
editor-text-title = 标题
editor-text-title-hint = 一句话说清是什么维护。
editor-text-audience = 涉及哪些人
editor-text-audience-hint = 第一行最醒目；也请写明谁不受影响。
editor-text-advice = 事先要做什么
editor-text-advice-hint = 例如提交凭证、保存草稿。
editor-text-backup = 备份说明
editor-text-backup-hint = 数据是否安全，怎样备份。
editor-text-body = 详细说明
editor-text-body-hint = 支持 Markdown：标题、列表、链接、表格。
editor-slug = 地址名称
editor-slug-hint = 出现在链接里；留空则按标题生成，发布后不能再改。
editor-start = 计划开始
editor-end = 计划结束
editor-zone = 时区
editor-fold = 时钟调慢，是哪一次？
editor-finish-before = 请用户在此之前完成手头工作
editor-follow-up = 结束后继续接收反馈（小时）
editor-start-by-clock = 到时间自动开始
editor-start-by-clock-hint = 不勾选则由人开始。
editor-complete-by-clock = 到计划结束时间自动完成
editor-complete-by-clock-hint = 一般不要勾选：完成应当由人确认每个功能都已测试。
editor-no-components = 还没有功能可选。
editor-add-components = 先添加功能
editor-components-hint = 选择会受影响的功能。中断时间留空表示整个维护期间。
editor-component = 功能
editor-impact = 影响
editor-not-listed = 不列入通知
editor-interruption-start = 中断开始
editor-interruption-end = 中断结束
editor-data = 数据安全
editor-backup-finished = 备份完成时间
editor-data-checked = 维护后数据核对完成时间
editor-support = 支持人员
editor-contacts = 联系方式
editor-contact-kind = 方式
editor-contact-label = 名称
editor-contact-value = 号码、地址或网址
editor-add-row = 添加一行
editor-hours = 值守时间
editor-hours-hint = 用户会据此看到什么时候有人答复。结束不晚于开始表示到次日，例如 22:00 到 06:00。
editor-hours-days = 星期
editor-hours-from = 开始
editor-hours-to = 结束
editor-hours-zone = 值守时间的时区
editor-hours-zone-hint = 留空则与维护相同。
editor-survey = 结束后的调查
editor-survey-template = 问卷
editor-survey-days = 开放天数
editor-save = 保存草稿
editor-save-public = 保存并公开
editor-publish = 发布通知
editor-publish-hint = 发布后所有人都能看到，地址名称不能再改。
editor-preview = 预览
editor-preview-draft = 预览：还没有发布，其他人看不到。
editor-preview-public = 预览：通知已经发布，公开页面与此相同。
editor-back = 返回
editor-public-page = 公开通知
editor-facts = 概况
editor-address = 地址
editor-to-insights = 查看统计
editor-start-now = 现在开始
editor-starts-itself = 到计划开始时间会自动开始，也可以现在开始。
editor-starts-by-hand = 这次维护不会自动开始，请在开始工作时点击。
editor-update = 发布进展
editor-update-body = 进展内容（Markdown）
editor-stage = 阶段
editor-stage-hint = 选择“系统测试”后，状态同时变为“正在测试”。
editor-verify = 开始测试
editor-complete = 完成维护
editor-complete-hint = 逐项勾选已测试通过的功能，全部勾选后才能完成。
editor-tick = 只保存勾选
editor-move = 调整时间
editor-move-hint = 原定时间会保留在公开通知里。各功能的中断时间随开始时间一起移动。
editor-cancel = 取消维护
editor-cancel-hint = 通知仍然公开，并写明已取消。此操作不能撤回。
editor-confirm = 输入“{ $slug }”确认
editor-remove = 删除草稿
editor-remove-hint = 草稿没有公开过，删除后不能恢复。
editor-done-created = 草稿已保存。请预览，确认后发布。
editor-done-edited = 已保存。
editor-done-published = 通知已发布。
editor-done-started = 维护已开始。
editor-done-verifying = 已进入测试。
editor-done-ticked = 勾选已保存。
editor-done-completed = 维护已完成。
editor-done-cancelled = 维护已取消。
editor-done-moved = 时间已调整。
editor-done-updated = 进展已发布。
components-lead = 服务中可能受维护影响的部分，例如登录、报表导出。用户反馈问题时也从这里选择。
components-none = 还没有功能
components-none-detail = 先添加用户常用的几项，用他们熟悉的叫法。
components-count = 共 { $n } 项
components-key = 标识
components-key-hint = 用于接口和导出；留空则按英文名称生成。
components-name = 名称
components-add = 添加功能
components-rename = 修改名称
components-retire = 停用
components-retire-hint = 停用后不再提供选择，已有的维护和反馈不变。
components-offer = 重新启用
components-retired = 已停用
components-offered = 使用中
components-done-added = 功能已添加。
components-done-renamed = 名称已修改。
components-done-retired = 功能已停用。
components-done-offered = 功能已重新启用。
