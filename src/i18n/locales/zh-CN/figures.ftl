# 改进项：从维护中学到的，以及以后的维护是否见效。
error-unknown-source = 无法确定改进项的来源。请从指标、意见、已知问题或反馈页面的链接进入。
error-same-window = 改进效果要由以后的维护来体现，请选择更晚的一次维护。
error-not-later = 这次维护早于改进项所来自的维护，请选择更晚的一次。

# 表格中各指标的名称。
export-measure-reports-component-severe = 各功能反馈：无法使用或数据受损
export-measure-reports-unannounced = 未公布功能的反馈
export-measure-reports-first-answer-in-time = 按时首次答复占比
export-measure-reports-resolution-in-time = 按时解决占比
export-measure-reports-verified = 用户确认已解决占比
export-measure-reports-verified-fixed = 确认已解决的人数
export-measure-survey-response-rate = 受邀者回答率
export-measure-survey-invited = 受邀人数
export-measure-survey-invited-told = 受邀且已通知的人数
export-measure-survey-invited-answered = 受邀且已作答的人数
export-measure-survey-begun = 开始作答
export-measure-survey-answered = 各题回答数
export-measure-survey-left-after = 答完此题后离开
export-measure-survey-informed-csat = 满意率：看到通知与未看到
export-measure-survey-informed-nps = 净推荐值：看到通知与未看到
export-measure-survey-informed-ces = 轻松度：看到通知与未看到
export-measure-survey-exposed-csat = 满意率：确知受影响与其他
export-measure-survey-exposed-nps = 净推荐值：确知受影响与其他
export-measure-survey-exposed-ces = 轻松度：确知受影响与其他
export-group-yes = 是
export-group-no = 否
export-group-difference = 差别

# 指标，以及差别的说法。
measure-csat = 满意率（4–5 分占比）
measure-nps = 净推荐值
measure-ces = 轻松度（1–7）
measure-saw-notice = 维护前看到通知
measure-answered-in-time = 按时首次答复
measure-resolved-in-time = 按时解决
measure-fixes-verified = 用户确认已解决
measure-lead = 提前通知
measure-overrun = 超时
method-newcombe = 两个占比之差的 Newcombe 区间
method-adjusted-wald = 两个得分之差的调整 Wald 区间
method-welch = 两个均值之差的 Welch t 区间
method-fact = 确知的事实
change-same = 相同
error-two-windows = 请选择两次不同的维护进行对比。

# 图。
insights-plot-until = 至
insights-plot-stages = 阶段
insights-plot-updates = 进展
insights-plot-most = { $when } 最多，{ $count } 条
insights-plot-workaround = 已知问题及临时解决办法：{ $title }
insights-plot-svg = 下载 SVG
insights-plot-csv = 下载 CSV
insights-reports-short = 反馈
insights-promoters = 推荐者
insights-passives = 中立者
insights-detractors = 贬损者
insights-answers-title = 用户怎么看
insights-answers-caption = 横条为全部回答，由好到差；下方为指标在自身尺度上的位置和 95% 区间。
insights-measure = 指标
insights-figure = 数值
insights-interval-title = 95% 区间
insights-measures = 逐项对比
insights-trends = 历次变化
insights-trends-note = 圆点为各次维护的数值，竖线为 95% 区间；空心点表示回答太少。按开始时间先后排列。
insights-trend-description = 由 { $first } 到 { $last }。
insights-along = 满意率与哪些情况有关
insights-along-note = 一个点代表一次维护。两者同时变化，不等于互为因果。
insights-against-lead = 满意率与提前通知的时间
insights-against-overrun = 满意率与超时
insights-against-description = 共 { $n } 次维护。

# 两次维护对比。
insights-compare = 对比两次维护
insights-comparison = 两次维护对比
insights-comparison-of = “{ $window }”与“{ $base }”对比
insights-comparison-caption = 空心为参照的维护，实心为所看的维护；横线为 95% 区间。
insights-compare-base = 参照
insights-compare-window = 所看的维护
insights-swap = 对调
insights-compared = { $measure }{ $change }
insights-compare-nothing = 从这些指标看不出哪一次更好。
insights-compare-better = 好转：{ $measures }。
insights-compare-worse = 变差：{ $measures }。
insights-compare-both = 好转：{ $better }；变差：{ $worse }。
insights-compare-empty = 两次维护都没有可以对比的回答或时限。
insights-compare-minimum = 任何一方不足 { $n } 份回答或反馈时不作对比。
insights-compare-method = 只有经以上各项共同校正后的 p 小于 0.05（Holm 1979），才说“好转”或“变差”；没有差别却误说的可能，合计不超过 5%。占比用 Newcombe 1998；净推荐值用调整 Wald；轻松度用 Welch t；并且都不超出这些回答仅凭偶然所能给出的把握（置换检验的 mid-p，占比即 Fisher 检验）。
insights-adjusted-p = p（Holm 校正）
insights-change = 结论
insights-method = 方法
insights-all-alike = 一方回答全部相同
insights-points = { $n } 个百分点
insights-facts = 确知的事实

# 公布与反馈、人群、完成情况。
insights-components = 各功能的公布与反馈
insights-component = 功能
insights-severe = 无法使用或数据受损
insights-worst = 反馈中最严重
insights-surprise = 对照
insights-not-announced = 未公布
surprise-as-announced = 与公布一致
surprise-quiet = 没有反馈
surprise-worse = 比公布的严重
surprise-unannounced = 未公布
insights-groups = 不同人群的评价
insights-groups-note = 确知受影响的人：提交过反馈、点过“我也遇到了”，或因此受邀。区间为两者之差的区间。
insights-split = 人群
insights-group-yes = 是
insights-group-no = 否
split-informed = 维护前看到通知
split-exposed = 确知受影响
insights-drop-off = 答到哪一题
insights-begun = { $begun } 人开始，{ $finished } 人完成
insights-question = 问题
insights-answered = 已答
insights-left = 答完离开
insights-response-rate = 受邀 { $n } 人，{ $k } 人作答（{ $rate }，{ $interval }）。
insights-response-rate-few = 受邀 { $n } 人，{ $k } 人作答。
insights-invited-told =
    { $n ->
        [0] 目前尚未通知任何受邀者。
       *[other] 受邀者中已通知 { $n } 人。
    }
insights-sentence-space = { "" }
insights-in-time = 按时 { $share }%（{ $n } 条中 { $k } 条）
insights-in-time-few = { $n } 条中 { $k } 条按时

# 意见。
insights-comments-more = 搜索全部意见
insights-comments-search = 搜索
insights-comments-find = 搜索
insights-comments-all = 显示全部
insights-terms = 常用词
insights-terms-note = 数字为已完成的回答中提到该词的意见数，取最近 5,000 条。点选可查看。

# 改进项。
improvements-title = 改进项
improvements-lead = 从维护中学到了什么、由谁负责、以后的维护是否见效。
improvements-filter = 显示哪些改进项
improvements-show-open = 待完成
improvements-show-over = 已完成或不再进行
improvements-show-all = 全部
improvements-none = 这里还没有改进项
improvements-none-detail = 可以从指标、意见、已知问题或反馈中提出：请点“据此提出改进”。
improvements-note = 是否见效，由以后那次维护的指标与当次维护对比得出。
improvement-add = 提出改进项
improvement-title = 我们要改进什么
improvement-title-hint = 用一句话写清楚，让下次负责的人也能看懂。
improvement-detail = 补充说明
improvement-owner = 负责人
improvement-status = 状态
improvement-from = 来自
improvement-shown-by = 由哪次维护体现
improvement-shown-by-hint = 以后哪次维护的指标应当变好。
improvement-measure = 应当变好的指标
improvement-measure-hint = 以后的维护按此指标与当次维护对比。
improvement-no-measure = 不指定
improvement-no-window = 不指定
improvement-no-later = 尚未确定
improvement-shown = 是否见效
improvement-save = 保存
improvement-remove = 删除此改进项
improvement-remove-hint = 删除后无法恢复。如果只是不再进行，请把状态改为“不再进行”。
improvement-source = 来源：
improvement-source-window = 整次维护
improvement-source-figure = 指标“{ $name }”
improvement-source-comment = 意见 { $name }
improvement-source-report = 反馈 { $name }
improvement-source-known-issue = 已知问题 { $name }
improvement-side-by-side = 两次维护对比
improvement-stale = 在您填写期间，其他人修改了此项。您填写的内容仍在下方，再次保存即可覆盖。
improvement-status-planned = 计划中
improvement-status-in-progress = 进行中
improvement-status-done = 已完成
improvement-status-dropped = 不再进行
improvement-done-added = 改进项已保存。
improvement-done-saved = 已保存。
improvement-done-removed = 改进项已删除。
shown-better = 见效
shown-worse = 反而变差
shown-cannot-tell = 看不出差别
shown-not-yet = 维护尚未结束
shown-not-named = 无从对比
insights-improve = 据此提出改进
insights-improve-figure = 就某项指标提出改进：
insights-no-improvements = 还没有。可以从指标或意见中提出，让下一次维护做得更好。

# 一页复盘。
review-title = 维护复盘
review-print = 打印或存为 PDF
review-print-hint = 一般的维护为一页 A4。
review-figures = 主要指标
review-story = 经过
review-issues = 已知问题
review-no-issues = 无。
review-no-improvements = 暂无。
review-as-of = 数据截至 { $when }

insights-export = 导出统计表格
insights-evidence = 证据归档（ZIP）
settings-figures = 统计
settings-minimum = 显示百分比所需的最少数量
settings-minimum-hint = 回答或反馈不足此数时，只显示数量，不计算百分比、得分和中位数。2 到 1000，默认 5。
export-subject-improvements = 改进项
export-improvement = 改进项编号
export-improvement-source = 来源
export-improvement-created = 提出时间
export-improvement-changed = 最近修改

insights-issue-open = 尚未解决
insights-issue-resolved = 已解决
insights-issue-met = { $n } 人遇到
action-improvement-add = 添加改进项
action-improvement-change = 修改改进项
action-improvement-remove = 删除改进项
