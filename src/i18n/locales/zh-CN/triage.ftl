# 客服看到的部分：概览、反馈列表、受理和电话录入。
error-ends-before-start = 结束时间早于开始时间，请核对。
error-shift-and-times = 请在快捷时段和起止时间中只选一种。
error-no-such-assignee = 没有这位处理人，或其角色不能受理反馈，请从列表中选择。
conflict-status-move = 处理状态不能从现在的状态直接改成这个状态，请从列出的选项中选择。
conflict-report-erased = 这条反馈的内容已经删除，用户看不到新的答复。
