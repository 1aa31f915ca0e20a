# 搜索反馈。
search-in-private = 账号或联系方式：
search-in-answer = 答复：
search-in-message = 反馈人补充：
search-in-note = 内部备注：
search-in-history = 处理经过：
