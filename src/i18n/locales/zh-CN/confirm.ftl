# 无法撤销的操作之前的确认。
confirm-back = 返回，不执行操作
confirm-what = 将会发生什么
confirm-type = 请输入“{ $word }”以确认
confirm-plain-word = 删除
error-confirm-word = 尚未执行。请输入“{ $word }”以确认，或点击“取消”。
confirm-gone = 删除后无法恢复。

confirm-resolve = 解决已知问题 { $id } 并统一答复
confirm-resolve-reports = { $n ->
    [0] 没有反馈与“{ $title }”关联。
   *[other] 与“{ $title }”关联的 { $n } 条反馈将收到答复，并标记为已解决。
}
confirm-resolve-me-toos = { $n ->
    [0] 没有人表示“我也遇到了”。
   *[other] 表示“我也遇到了”的 { $n } 人将收到答复。
}
confirm-resolve-final = 答复发出后无法收回：重新打开只会改变问题的状态，不会改变对方已经看到的内容。每个人将按自己的语言看到以下答复：

confirm-improvement = 删除改进项 { $reference }
confirm-improvement-says = “{ $title }”将被永久删除，其来源以及用来检验它的维护也不再保留。如果只是不再进行，请把状态改为“不再进行”。
confirm-template = 删除问卷“{ $name }”
confirm-template-says = 这份问卷及其 { $questions } 道题的所有版本都将删除。目前没有维护使用它，也没有人回答过。
confirm-help = 删除问题“{ $question }”
confirm-canned = 删除常用答复“{ $name }”
confirm-canned-says = 删除后不能再插入这条答复；已经用它发出的答复不受影响。
confirm-filter = 删除常用筛选“{ $name }”
confirm-filter-own = 只有您能看到它。筛选出的反馈不受影响。
confirm-filter-shared = 所有可查看反馈的同事目前都能看到它，删除后将不再可见。筛选出的反馈不受影响。
confirm-token = 吊销令牌“{ $name }”
confirm-token-says = 使用该令牌的程序（{ $role }）从下一次调用起将被拒绝。吊销后不能恢复，需要改用新令牌。
confirm-token-used = 最近一次使用时间：{ $at }。
confirm-token-unused = 该令牌从未使用过。
confirm-invitation = 撤回对“{ $name }”的邀请
confirm-invitation-says = 已发给对方的链接将立即失效。您可以再次邀请，届时会生成新的链接。
confirm-second-factor = 关闭“{ $name }”的二次验证
confirm-second-factor-says = 关闭后，对方在重新设置之前只凭密码即可登录；对方会在所有设备上退出登录，原有的恢复码也不再有效。
confirm-logo = 删除标志
confirm-logo-says = 所有页面将立即恢复默认标志。系统不保留该图片，如需再次使用，请重新选择文件。
confirm-image = 删除反馈 { $reference } 的一张截图
confirm-image-says = 反馈 { $reference } 附带的这张截图将被永久删除，反馈人也不能再查看。反馈的处理记录中会注明已删除截图。
confirm-demonstration = 删除全部演示数据
confirm-demonstration-says = 将删除 { $windows } 次维护和 { $reports } 条反馈，以及与之相关的全部内容。
