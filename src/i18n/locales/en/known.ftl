# Known issues, "me too", and who is told that it is fixed
staff-known-issues = Known issues
history-known-issue = Linked to a known issue
history-no-known-issue = No longer linked to a known issue
receipt-event-known-issue = Belongs to a known issue

known-status-investigating = Investigating
known-status-identified = Cause found
known-status-monitoring = Being watched
known-status-resolved = Resolved
known-open = All that are not resolved

# Public
known-title-public = Known problems
known-in-form = Is it one of these known problems?
known-fits-typed = This known problem may be yours:
known-behind = A known problem
known-workaround = What you can do meanwhile
known-met =
    { $n ->
        [one] Reported once so far.
       *[other] Reported { $n } times so far, “I have this too” included.
    }
known-me-too = I have this too
known-something-else = Report something else
known-still-there = Report that it is still there
known-counted = You are counted.
known-counted-already = You are counted already.
known-counted-once = Each person counts once for a known problem, however often the button is pressed. Your receipt shows what becomes of it.
known-resolved-already = This problem has been resolved.
known-to-receipt = Go to your receipt
known-contact-hint = Leave a contact to be told when it works again. Only support sees it.
known-tell-me = Tell me when it works again (optional)
known-cookie = So that you count once, this browser keeps a random cookie for 180 days. It is set only now and used for nothing else.
known-count = How often
known-receipt-title = I have this too { $reference }
known-me-too-said = You said that you have this too
known-next-answer = Once it is resolved, you find the answer here and can tell us whether it works for you.
known-erase-detail = Your contact, your messages, the answers and this receipt are erased for good. That one more person met the problem stays counted.

# Staff
known-new = New known issue
known-edit = Edit known issue
known-create = Create known issue
known-issue = Known issue
known-number = Number
known-none = There are no known issues yet
known-none-found = No known issue fits this filter
known-none-hint = Make one as soon as several reports have one cause: everybody who meets it sees the workaround, and one answer reaches them all.
known-caption = Known issues, the latest first
known-visible = Visible to
known-public = The public
known-internal = Staff only
known-no-window = No window
known-reports = Reports
known-me-toos = Me too
known-waiting = Wrote or not fixed
known-waiting-some = Somebody waits for an answer
known-changed = Changed
known-created = Created
known-author = Created by
known-texts = What people read
known-texts-hint = A missing language falls back to the other one. Text and workaround may use Markdown.
known-title = Title
known-body = What is known
known-belongs = Where it belongs
known-affects = Affects
known-public-check = Show it to the public
known-public-hint = On the notice of its window and in the report form, with its workaround and “I have this too”.
known-stale = Somebody else has changed this known issue.
known-stale-hint = Nothing was saved. What you typed is below; saving again replaces what the other person wrote.
known-stale-acted = Nothing was done. This is how it stands now.
known-look = See how it stands now
known-from-reports =
    { $n ->
        [one] One report will be linked to it:
       *[other] { $n } reports will be linked to it:
    }
known-linked =
    { $n ->
        [0] Linked reports
        [one] One linked report
       *[other] { $n } linked reports, the latest first
    }
known-linked-none = No report is linked yet.
known-me-toos-n =
    { $n ->
        [0] Nobody has said “me too” yet
        [one] One person said “me too”
       *[other] { $n } people said “me too”
    }
known-speaking = Those who wrote something or say that it is not fixed:
known-speaking-none = Nobody of them wrote anything, and nobody says that it is not fixed.
known-similar = Reports that may have this cause
known-similar-hint = Compared by their words, component and time. Tick those that belong to it.
known-similar-reports = Similar reports
known-similar-none = No similar report was found.
known-likeness = { $n }% alike
known-choose = Choose
known-link = Link
known-link-to = Link this report and the ticked ones to
known-fits = { $title } (fits)
known-unlink = Unlink the ticked ones
known-unlink-this = Unlink
known-new-from-this = New known issue from these
known-report-none = This report is linked to no known issue.
known-references = References
known-references-hint = One or several, such as R-7KQ4M2, with blanks or commas between them.
known-resolve = Resolve and answer everybody
known-resolve-hint =
    { $n ->
        [0] Nobody has met it yet; whoever is linked later gets this answer at once.
        [one] The one person who met it gets this answer once, in their language, and the report becomes resolved.
       *[other] All { $n } who met it get this answer once, in their language, and their reports become resolved.
    }
known-answer-label = The answer to everybody
known-answer = The problem “{ $title }” has been resolved. Please try again and tell us on this page whether it works for you.
known-answer-untitled = The problem that you reported has been resolved. Please try again and tell us on this page whether it works for you.
known-told = { $told } of { $all } told.
known-told-all = Everybody has been told.
known-telling = Everybody is being told.
known-refresh = See how far it is
known-reopen = Reopen
known-reopen-hint = What was told stays told. Resolved again, everybody who is linked by then gets the new answer.
known-fixed = Say it is fixed
known-not-fixed = Say it is not
known-verified = Verified fixes
known-verified-share = { $share }% (95% interval { $low }% to { $high }%)
known-done-created = The known issue has been created.
known-done-edited = Saved.
known-done-linked = Linked.
known-done-unlinked = Unlinked.
known-done-resolved = Resolved. Everybody who met it is being told.
known-done-reopened = Reopened.
known-history-created = Created
known-history-workaround = Said what to do meanwhile
known-history-edited = Texts or place changed
known-history-status = { $was } → { $became }
known-history-linked = Linked reports: { $what }
known-history-linked-many = Linked { $what } reports
known-history-unlinked = Unlinked reports: { $what }
known-history-unlinked-many = Unlinked { $what } reports

error-no-such-known-issue = There is no known issue with this number.
error-known-issue-status = A known issue is resolved with an answer to everybody, not by its status alone.
error-too-many-reports = At most 500 reports can be linked at once.
error-no-reports-chosen = Tick reports, or type at least one reference.
error-answer-without-resolution = An answer to everybody goes with status “resolved” only, and only while it is not resolved yet.
conflict-known-issue-resolved = This known issue is resolved already.
conflict-known-issue-other = These reports belong to another known issue by now: { $reports }.
known-moving = These reports belong to another known issue
known-moving-hint = If you go on, they are taken from there.
conflict-known-issue-open = This known issue is not resolved.

action-known-issue-create = Created a known issue
action-known-issue-edit = Edited a known issue
action-known-issue-status = Changed the status of a known issue
action-known-issue-link = Linked reports to a known issue
action-known-issue-unlink = Unlinked reports from a known issue
action-me-too-answer = Answered a me-too
