# Notices on the move: live progress, calendar, plain text, what people take along.
live-on = This page updates itself.
live-changed = Updated: {"{}"}
live-lost = The connection is lost; this page tries again by itself.
live-look-again = Look again
take-title = Take this notice along
take-calendar = Add to calendar
take-calendar-all = Subscribe to all maintenance (.ics)
take-print = Print
take-text = Plain text
take-qr = QR code of this notice: { $address }
take-qr-hint = Scan to open this notice on a phone.
calendar-name = Maintenance: { $service }
plain-title = { $title }
plain-item = { $name }: { $said }
plain-entry = { $at } [{ $stage }] { $said }
plain-address = Current state and problem reports: { $address }
plain-cancelled = Cancelled: { $title }
