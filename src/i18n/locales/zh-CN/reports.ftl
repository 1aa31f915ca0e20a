# 反馈人看到的部分：表单、查询页和后续处理。
error-no-such-window = 没有这次维护，请从维护通知中选择，或留空。
error-no-such-component = 没有这个功能，请从列表中选择，或留空。
conflict-reference-taken = 这里已有另一条编号为 { $reference } 的反馈。
