# The step before what cannot be taken back.
confirm-back = Back, nothing is done
confirm-what = What will happen
confirm-type = Type “{ $word }” to confirm
confirm-plain-word = remove
error-confirm-word = Nothing was done. Please type “{ $word }” to confirm, or cancel.
confirm-gone = It will be gone for good.

confirm-resolve = Resolve known issue { $id } and answer everybody
confirm-resolve-reports = { $n ->
    [0] No report is linked with “{ $title }”.
    [one] 1 report that is linked with “{ $title }” is answered and becomes resolved.
   *[other] { $n } reports that are linked with “{ $title }” are answered and become resolved.
}
confirm-resolve-me-toos = { $n ->
    [0] Nobody said that they had it too.
    [one] 1 person who had it too is answered.
   *[other] { $n } people who had it too are answered.
}
confirm-resolve-final = An answer cannot be called back: opening the issue again changes how it stands, not what people have read. Everybody reads it in their own language:

confirm-improvement = Delete improvement { $reference }
confirm-improvement-says = “{ $title }” will be gone for good, with what it came from and the window that should show it. To give it up but keep it, set its status to dropped.
confirm-template = Remove the survey template “{ $name }”
confirm-template-says = { $questions ->
    [one] The template and its question go, in every version. No window uses it and nobody has answered it.
   *[other] The template and its { $questions } questions go, in every version. No window uses it and nobody has answered it.
}
confirm-help = Remove the question “{ $question }”
confirm-canned = Remove the canned answer “{ $name }”
confirm-canned-says = Nobody can insert it any more. What was answered with it stays.
confirm-filter = Forget the saved filter “{ $name }”
confirm-filter-own = Only you see it. The reports that it finds stay as they are.
confirm-filter-shared = Everybody who may see reports sees it now and will see it no more. The reports that it finds stay as they are.
confirm-token = Revoke the token “{ $name }”
confirm-token-says = Programs that use it ({ $role }) are refused from the next call on. It cannot be made valid again; they need a new one.
confirm-token-used = It was last used at { $at }.
confirm-token-unused = It has never been used.
confirm-invitation = Take back the invitation of “{ $name }”
confirm-invitation-says = The link that they were given opens nothing any more. They can be invited again, with another link.
confirm-second-factor = Take away the second factor of “{ $name }”
confirm-second-factor-says = From then on their password alone lets them in, until they set up a new one; they are logged out everywhere and their recovery codes no longer work.
confirm-logo = Remove the logo
confirm-logo-says = The product's own mark comes back on every page at once. The picture is not kept: to have it again, choose the file again.
confirm-image = Remove a screenshot of report { $reference }
confirm-image-says = The screenshot that was sent with report { $reference } will be gone for good, for the reporter too. The report's history says that it was removed.
confirm-demonstration = Remove all demonstration data
confirm-demonstration-says = { $windows ->
    [one] 1 window
   *[other] { $windows } windows
} and { $reports ->
    [one] 1 report
   *[other] { $reports } reports
} go, with everything that belongs to them.
