# 搜索反馈。
search-in-private = 账号或联系方式：
search-in-answer = 答复：
search-in-message = 用户补充：
search-in-note = 内部备注：
search-in-history = 处理经过：
# 截图，供工作人员查看。
report-images = 截图
report-images-hidden = 有 { $n } 张截图，支持人员可以查看。
history-image = 用户添加了一张截图
history-image-removed = 一张截图已删除
