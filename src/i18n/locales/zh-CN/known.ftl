# 已知问题、“我也遇到了”，以及解决后的统一答复
staff-known-issues = 已知问题
history-known-issue = 已关联已知问题
history-no-known-issue = 已取消关联已知问题
receipt-event-known-issue = 属于已知问题

known-status-investigating = 排查中
known-status-identified = 原因已查明
known-status-monitoring = 观察中
known-status-resolved = 已解决
known-open = 全部未解决

# 公开页面
known-title-public = 已知问题
known-in-form = 您遇到的是以下已知问题吗？
known-fits-typed = 您遇到的可能是这个已知问题：
known-behind = 已知问题
known-workaround = 临时解决办法
known-met = 累计反馈 { $n } 次，含“我也遇到了”。
known-me-too = 我也遇到了
known-something-else = 反馈其他问题
known-still-there = 反馈问题仍然存在
known-counted = 已记录您也遇到了此问题。
known-counted-already = 您此前已经记录过。
known-counted-once = 同一问题每人只计一次，重复点击不会重复计数。您可以在查询页面查看处理结果。
known-resolved-already = 此问题已解决。
known-to-receipt = 查看处理结果
known-contact-hint = 如需在恢复后收到通知，请留下联系方式，仅支持人员可见。
known-tell-me = 恢复后通知我（选填）
known-cookie = 为避免重复计数，浏览器会保存一个随机 Cookie，有效期 180 天。它仅在您点击后生成，不作其他用途。
known-count = 反馈次数
known-receipt-title = 我也遇到了 { $reference }
known-me-too-said = 您反馈也遇到了此问题
known-next-answer = 问题解决后，答复会显示在这里，届时请告诉我们是否已恢复正常。
known-erase-detail = 您的联系方式、留言、收到的答复和本查询码将被永久删除，仅保留“多一人遇到”的计数。

# 工作人员页面
known-new = 新建已知问题
known-edit = 编辑已知问题
known-create = 创建已知问题
known-issue = 已知问题
known-number = 编号
known-none = 暂无已知问题
known-none-found = 没有符合条件的已知问题
known-none-hint = 多条反馈出自同一原因时，请新建已知问题：遇到的人都能看到临时解决办法，一次答复即可通知所有人。
known-caption = 已知问题，最新的在前
known-visible = 可见范围
known-public = 公开
known-internal = 仅工作人员
known-no-window = 不属于任何维护
known-reports = 反馈数
known-me-toos = 我也遇到了
known-waiting = 有补充或未恢复
known-waiting-some = 有人等待答复
known-changed = 更新时间
known-created = 创建时间
known-author = 创建人
known-texts = 公开内容
known-texts-hint = 缺少某种语言时显示另一种语言。说明和临时解决办法支持 Markdown。
known-title = 标题
known-body = 情况说明
known-belongs = 所属维护与功能
known-affects = 受影响功能
known-public-check = 向公众显示
known-public-hint = 显示在所属维护通知和反馈表单中，附临时解决办法和“我也遇到了”按钮。
known-stale = 其他人已修改此已知问题。
known-stale-hint = 尚未保存。您填写的内容仍在下方，再次保存将覆盖对方的修改。
known-stale-acted = 未执行操作，当前状态如下。
known-look = 查看当前内容
known-from-reports = 将关联 { $n } 条反馈：
known-linked =
    { $n ->
        [0] 已关联反馈
       *[other] 已关联 { $n } 条反馈，最新的在前
    }
known-linked-none = 尚未关联任何反馈。
known-me-toos-n =
    { $n ->
        [0] 暂无“我也遇到了”
       *[other] { $n } 人点击了“我也遇到了”
    }
known-speaking = 其中留言或表示未解决的：
known-speaking-none = 其中无人留言，也无人表示未解决。
known-similar = 可能出自同一原因的反馈
known-similar-hint = 按内容、功能和时间比对得出，请勾选确属此问题的反馈。
known-similar-reports = 相似反馈
known-similar-none = 未找到相似反馈。
known-likeness = 相似度 { $n }%
known-choose = 选择
known-link = 关联
known-link-to = 将此反馈及勾选的反馈关联到
known-fits = { $title }（匹配）
known-unlink = 取消关联勾选的反馈
known-unlink-this = 取消关联
known-new-from-this = 由此新建已知问题
known-report-none = 此反馈未关联已知问题。
known-references = 反馈编号
known-references-hint = 可填写一个或多个，例如 R-7KQ4M2，以空格或逗号分隔。
known-resolve = 解决并统一答复
known-resolve-hint =
    { $n ->
        [0] 目前无人遇到；以后关联的反馈将立即收到此答复。
       *[other] 遇到此问题的 { $n } 人将各收到一次此答复（按其语言），相关反馈将标记为已解决。
    }
known-answer-label = 统一答复
known-answer = 您反馈的“{ $title }”问题已解决。请重试，并在本页告诉我们是否已恢复正常。
known-answer-untitled = 您反馈的问题已解决。请重试，并在本页告诉我们是否已恢复正常。
known-told = 已通知 { $told } / { $all }。
known-told-all = 已全部通知。
known-telling = 正在逐一通知。
known-refresh = 刷新进度
known-reopen = 重新打开
known-reopen-hint = 已发出的答复不会撤回。再次解决时，届时关联的所有反馈都会收到新的答复。
known-fixed = 确认已解决
known-not-fixed = 表示未解决
known-verified = 用户确认解决率
known-verified-share = { $share }%（95% 区间 { $low }%–{ $high }%）
known-done-created = 已创建已知问题。
known-done-edited = 已保存。
known-done-linked = 已关联。
known-done-unlinked = 已取消关联。
known-done-resolved = 已解决，正在通知所有遇到此问题的人。
known-done-reopened = 已重新打开。
known-history-created = 创建
known-history-workaround = 给出了临时解决办法
known-history-edited = 修改内容或归属
known-history-status = { $was } → { $became }
known-history-linked = 关联反馈：{ $what }
known-history-linked-many = 关联 { $what } 条反馈
known-history-unlinked = 取消关联反馈：{ $what }
known-history-unlinked-many = 取消关联 { $what } 条反馈

error-no-such-known-issue = 没有此编号的已知问题。
error-known-issue-status = 不能只改状态为“已解决”，请填写统一答复后解决。
error-too-many-reports = 一次最多关联 500 条反馈。
error-no-reports-chosen = 请勾选反馈，或填写至少一个反馈编号。
error-answer-without-resolution = 统一答复只能在将状态改为“已解决”时填写，且此前未解决。
conflict-known-issue-resolved = 此已知问题已解决。
conflict-known-issue-other = 以下反馈现已关联其他已知问题：{ $reports }。
known-moving = 以下反馈现已关联其他已知问题
known-moving-hint = 如果继续，这些反馈将改为关联到这里。
conflict-known-issue-open = 此已知问题尚未解决。

action-known-issue-create = 新建已知问题
action-known-issue-edit = 编辑已知问题
action-known-issue-status = 更改已知问题状态
action-known-issue-link = 关联反馈到已知问题
action-known-issue-unlink = 取消关联反馈与已知问题
action-me-too-answer = 答复“我也遇到了”
