# The reporter's side: the form, the receipt and what comes of them.
error-no-such-window = There is no window with this name. Please take one from the notices, or leave it out.
error-no-such-component = This function is not known. Please take one of those listed, or leave it out.
conflict-reference-taken = Another report already has the reference { $reference } here.
error-bad-moment = Please write the time with its offset from UTC, such as 2026-11-22T02:31:00+08:00.
reporting-title = Report a problem
reporting-lead = Two answers are enough. No account needed.
reporting-description = What happened?
reporting-description-hint = For example: the log-in page stays after I enter the code
reporting-impact = How bad is it for you?
reporting-impact-blocked = I cannot go on
reporting-impact-slowed = Slower or more effort
reporting-impact-data-loss = Data missing or wrong
reporting-impact-cosmetic = Hardly any effect
reporting-impact-hint-blocked = Work has stopped
reporting-impact-hint-slowed = It works, but takes longer
reporting-impact-hint-data-loss = Something is gone or wrong
reporting-impact-hint-cosmetic = Just letting you know
reporting-component = Which function?
reporting-component-other = Something else, or not sure
reporting-when = When?
reporting-when-now = Just now
reporting-when-10m = About 10 minutes ago
reporting-when-1h = About an hour ago
reporting-when-morning = This morning (about 8:00)
reporting-when-exact = Another time
reporting-more = Add more (optional)
reporting-optional = optional
reporting-occurred-at = Time it happened
reporting-occurred-at-hint = Only for “Another time”
reporting-zone = Time zone
reporting-zone-hint = Where clocks showed this time
reporting-fold = This time occurs twice on that day. Which one is it?
reporting-fold-earlier = The first (before clocks went back)
reporting-fold-later = The second (after clocks went back)
reporting-category = Category
reporting-category-none = Choose
reporting-account = Account or order number
reporting-error-message = Error message
reporting-device = Device and browser
reporting-device-hint = Given by your browser; it helps us find the cause. Remove it if you like.
reporting-contact = How can we reach you?
reporting-contact-hint = Used only to answer this report. Without it, your receipt code still shows you the answer.
reporting-phone = Phone
reporting-email = E-mail
reporting-submit = Send report
reporting-others-component =
    { $n ->
        [one] One report of problems with “{ $what }” has come in.
       *[other] { $n } reports of problems with “{ $what }” have come in.
    }
reporting-others-category =
    { $n ->
        [one] One report of “{ $what }” has come in.
       *[other] { $n } reports of “{ $what }” have come in.
    }
reporting-others-all =
    { $n ->
        [one] One report of a problem has come in.
       *[other] { $n } reports of problems have come in.
    }
reporting-window-over = Reports are no longer taken for this maintenance. You can still send one and we shall deal with it, but it will not count towards this maintenance; if it happened during the work, please give the time below.
reporting-window-not-yet = This maintenance has not begun. You can still send a report and we shall deal with it, but it will not count towards this maintenance.
reporting-trouble = Not sent yet.
reporting-trouble-busy = Many people are here right now. Everything you typed is still here: please send it again in a moment. Nothing will be counted twice.
reporting-trouble-unavailable = Our database cannot be used at the moment. Everything you typed is still here: please send it again soon. Nothing will be counted twice.
reporting-trouble-often = That was too often. Everything you typed is still here: please send it again in a moment.
reporting-trouble-reused = This form was sent before. If this is another problem, please send it once more.
error-no-such-receipt = There is no report with this code. Please check each letter and digit.
error-codes-too-often =
    { $seconds ->
        [one] Too many tries. Please wait one second and try again.
       *[other] Too many tries. Please wait { $seconds } seconds and try again.
    }
receipt-title = My report { $reference }
receipt-find-title = Find my report
receipt-find-lead = Enter the code you were given to see what became of your report, and the answers.
receipt-code = Receipt code
receipt-code-hint = Such as R-7KQ4M2-9TXE-4WZB-HN3P-6C2D. Capitals and hyphens do not matter; you can also paste the private link.
receipt-find = Find
receipt-erased = Erased for good.
receipt-erased-detail = What you wrote, your contact and the code are gone; only the count remains.
receipt-received = We have your report. Thank you.
receipt-keep = Keep your receipt code
receipt-copied = Copied
receipt-copy-code = Copy code
receipt-copy-link = Copy link
receipt-share = Share or save
receipt-link = Private link
receipt-link-hint = It opens this report; do not pass it on.
receipt-next = What happens next
receipt-next-now = Support is on duty and answers by { $by } at the latest.
receipt-next-later = Support is back at { $open } and answers by { $by } at the latest.
receipt-promised-at = { $at } ({ $offset })
receipt-next-missed = We meant to answer by { $by } and have not. We are sorry; we shall answer as soon as we can.
receipt-next-unknown = No support hours have been published, so we cannot promise when we answer. The answer will be shown on this page.
receipt-next-contact = Support may reach you through the contact you left. Answers are shown on this page, too.
receipt-next-no-contact = You left no contact: keep the code or the link to see the answer.
receipt-next-confirm = When it is solved, please tell us here whether it works again.
receipt-works = Is it solved?
receipt-works-already = Does it work again already?
receipt-you-said = You said:
receipt-fixed = It works again
receipt-not-fixed = Still not working
receipt-impact = Impact
receipt-component = Function
receipt-window = Maintenance
receipt-outside = Outside of every maintenance
receipt-stage = Stage
receipt-occurred = Happened
receipt-about = about { $time }
receipt-received-at = Sent
receipt-history = What has happened since
receipt-event-received = Report received
receipt-event-status = Status
receipt-event-severity = Severity
receipt-event-assignee = Assignee
receipt-event-attribution = Assigned to the right maintenance
receipt-event-note = Note
receipt-event-answer = Answer from support
receipt-event-message = Your message
receipt-event-verdict = Your verdict
receipt-event-original = The problem that you share with others
receipt-event-heard = Read by support
receipt-event-original-resolved = The problem that you share with others is solved
receipt-event-original-closed = The problem that you share with others is closed
receipt-event-contact = You changed your contact
receipt-event-erased = Content erased
receipt-event-image = You added a screenshot
receipt-event-image-removed = A screenshot was removed
receipt-message = Add a message
receipt-send = Send
receipt-add-contact = Add a contact
receipt-change-contact = Change the contact
receipt-save = Save
receipt-download = Download my data (JSON)
receipt-erase = Erase this report
receipt-erase-goes = Erased for good, at once:
receipt-erase-goes-said = what you wrote: description, error message, account and device
receipt-erase-goes-contact = your phone number and e-mail address
receipt-erase-goes-images = your screenshots
receipt-erase-goes-answers = our answers, your messages and our notes
receipt-erase-goes-code = the receipt code and the private link
receipt-erase-stays = What stays is a count without your words: that there was a report, when, about which function, how bad and how it ended. Backups hold the old text until they are replaced.
receipt-erase-submit = Erase for good
receipt-done-message = Sent. Thank you for telling us more.
receipt-done-contact = Your contact is saved.
receipt-done-fixed = Thank you. Good to hear that it works again.
receipt-done-not-fixed = Thank you for telling us. We go on working on it.
error-description-required = Please fill this in; a sentence will do.
error-impact-required = Please choose what comes closest.
error-occurred-at-required = Please give the time it happened, or choose “Just now”.
receipt-find-again = How to find this page again
receipt-qr = Show the link as a QR code
receipt-qr-label = QR code of the private link
receipt-qr-hint = Scan it with a phone to take this page along. Whoever scans it can read this report.
receipt-status-waiting = Waiting for you
receipt-stands = Where it stands
receipt-stands-new = We have it; nobody has looked at it yet.
receipt-stands-acknowledged = Somebody from support has read it.
receipt-stands-in-progress = We are working on it.
receipt-stands-waiting = We need something from you: please read the last answer and write back below.
receipt-stands-resolved = We think it is solved. Please tell us whether that is so.
receipt-stands-confirmed = You said that it works again. If it comes back, tell us here and we take it up again.
receipt-stands-closed = It is closed. If it comes back, say so here and we take it up again.
receipt-stands-duplicate = Others reported the same problem, so we deal with it together with theirs.
receipt-original-new = Nobody has looked at the problem yet. What we answer to it will be shown here, too.
receipt-original-acknowledged = Somebody from support has read about the problem. What we answer to it will be shown here, too.
receipt-original-in-progress = We are working on the problem. What we answer to it will be shown here, too.
receipt-original-waiting = We have asked for more about the problem. What we answer to it will be shown here, too.
receipt-original-resolved = We think the problem is solved. Please tell us whether it works for you again.
receipt-original-closed = The problem is closed. If you still have it, say so here and we take your report up again.
receipt-report = What you reported
receipt-images = Screenshots
receipt-image = Screenshot { $n }
receipt-image-add = Add screenshots
receipt-image-hint =
    { $n ->
        [one] PNG, JPEG or WebP up to 12 MB; one more is possible. We keep only the picture, not where or with what it was taken. Only support sees it.
       *[other] PNG, JPEG or WebP up to 12 MB each; up to { $n } more. We keep only the pictures, not where or with what they were taken. Only support sees them.
    }
receipt-image-send = Send screenshots
receipt-image-remove = Remove
receipt-image-full = This report has as many screenshots as it can have. Remove one to add another.
receipt-done-image = The screenshots are here. Thank you.
receipt-done-image-removed = The screenshot is gone for good.
reporting-shots = Screenshots
reporting-shots-hint = Take a photo or choose, paste or drop up to three pictures. They stay on your device until the report is sent.
reporting-shots-later = You can add screenshots on the page that follows.
shots-picture = Screenshot {"{}"}
shots-kept = Chosen: {"{}"}. Sent along with the report.
shots-full = Three pictures at most.
shots-wrong = That was no picture.
shots-sending = Sending screenshot {"{}"} of {"{n}"} …
shots-sent = Screenshots sent.
shots-failed = The screenshots could not be sent; they are kept on your device.
shots-again = Try again
error-image-required = Please choose a picture first.
error-image-empty = This file is empty. Please choose another.
error-image-too-large = This file is larger than { $max } MB. Please choose a smaller one, or take a screenshot instead.
error-image-kind = This is not a picture that we can read. Please choose a PNG, JPEG or WebP file; on an iPhone, a screenshot will do.
error-image-animated = Moving pictures are not taken. Please choose a still one.
error-image-too-many-pixels = This picture has more than { $max } million pixels. Please cut it to the part that matters.
error-image-damaged = This picture is damaged or incomplete. Please choose another, or take it again.
error-too-many-images = A report can have { $max } screenshots. Remove one to add another.
