# 通知的实时进展、日历、纯文本，以及带走通知的方式。
live-on = 本页会自动更新。
live-changed = 已更新：{"{}"}
live-lost = 连接已断开，本页正在自动重试。
live-look-again = 刷新查看最新进展
take-title = 保存或转发这份通知
take-calendar = 加入日历
take-calendar-all = 订阅全部维护日历（.ics）
take-print = 打印
take-text = 纯文本
take-qr = 本通知的二维码：{ $address }
take-qr-hint = 用手机扫码即可打开本通知。
calendar-name = 维护通知：{ $service }
plain-title = 【{ $title }】
plain-item = { $name }：{ $said }
plain-entry = { $at }［{ $stage }］{ $said }
plain-address = 最新进展和问题反馈：{ $address }
plain-cancelled = 【已取消】{ $title }
