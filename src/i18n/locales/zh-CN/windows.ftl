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
contact-chat = 在线客服或群
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
    }”。请刷新页面查看最新状态。
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
error-time-ambiguous = { $zone } 在这一天调慢时钟，{ $time } 会出现两次（{ $earlier } 和 { $later }）。请在下面选择是哪一次。
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
    }”。可能有人刚刚改过，请刷新页面查看。
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
windows-weekdays = { $from }至{ $to }
windows-day = { $day }（{ $weekday }）
windows-day-clock = { $day }{ $clock }
windows-next-day = 次日 { $clock }
windows-range = { $from } 至 { $to }
windows-zone-china = 北京时间
windows-zone = { $zone }（{ $offset }）
windows-local = 您当地时间 {"{}"}
windows-to = 至
windows-length = 预计 { $span }
windows-before = 原定 { $times }
windows-now-running = 维护正在进行，进展会及时发布在这里。
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
windows-hours-next = 现在无人值守，{ $at } 起有人
windows-tested = 已测试
windows-as-usual = 可照常使用
windows-interrupted = 预计中断 { $times }（{ $span }）
windows-affected = 预计受影响 { $times }（{ $span }）
windows-affected-from = { $from } 起
windows-others = 已有 { $n } 人反馈问题，我们正在处理。
windows-others-component = 已有 { $n } 人反馈“{ $name }”的问题，我们正在处理。
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
windows-q-prepare = 事先要做什么？
windows-progress = 进展
windows-affected-title = 受影响的功能
windows-body = 详细说明
windows-report = 反馈问题
windows-survey = 填写满意度调查（约 1 分钟）
windows-calendar = 加入日历
windows-demonstration = 演示数据：这里的维护、反馈和回答均为虚构。
windows-banner-demonstration = 演示
windows-home-title = 维护通知
windows-home-progress = 现在进行到
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
