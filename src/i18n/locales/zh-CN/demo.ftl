# 演示数据。
demo-title = 演示数据
demo-about = 三次虚构的维护（已完成、进行中、即将开始），附带反馈、答复和评价，用来熟悉系统。演示数据有明显标记，可以一次全部删除。
demo-load = 载入演示数据
settings-done-loaded = 演示数据已载入。
demo-remove = 删除全部演示数据
demo-remove-about = 删除时，试用中针对演示维护提交的反馈和评价也会一并删除。您自己的维护和反馈不受影响。
settings-done-removed = 演示数据已全部删除。
demo-set-up = 同时载入演示数据
demo-set-up-hint = 三次虚构的维护和一百多条反馈，随时可以在设置中一次删除。
conflict-demonstration-here = 演示数据已经载入。
