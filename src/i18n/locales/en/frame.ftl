# What stands on every page, and logging in and setting up.
language-name = English
language-direction = ltr
frame-skip = Skip to content
frame-language = Language
frame-navigation = Main
frame-footer = Footer
frame-notices = Notices
frame-history = History
frame-receipts = Find my report
frame-help = Help
frame-staff-login = Staff log-in
staff-overview = Overview
staff-windows = Windows
staff-reports = Reports
staff-insights = Figures
staff-exports = Export
staff-components = Functions
staff-public-page = Public page
staff-log-out = Log out
form-error-at = { $field }: { $error }
form-errors =
    { $n ->
        [one] One thing needs to be changed
       *[other] { $n } things need to be changed
    }
login-title = Staff log-in
login-name = Name
login-password = Password
login-submit = Log in
setup-title = Welcome to Interlude
setup-lead = Make the first administrator, then publish a notice.
setup-service-name = Name of your service
setup-service-name-hint = Shown on every page, such as “Yunfan Finance”.
setup-language = Default language
setup-time-zone = Time zone of the service
setup-name = Your log-in name
setup-password-hint = At least 10 characters; a short sentence is easy to remember.
setup-password-again = Password again
setup-submit = Finish
error-login-refused = The name or the password is wrong. Please check both and try again.
error-passwords-differ = The two passwords differ. Please type them again.
failure-not-found-title = This page was not found
failure-not-found-detail = The link may be out of date or incomplete. Start again from the notices, or find your report with its code.
failure-not-found-title-call = This was not found
failure-not-found-detail-call = There is nothing at this address, or nothing that you may see. Please check the address and, if one is needed, the token.
failure-invalid-title = Something typed is not right
failure-invalid-detail = Please mend what is named below and send it again.
failure-conflict-title = This cannot be done now
failure-stale-title = Somebody else changed this
failure-stale-detail = It changed before you sent yours. Please reload, look at what is there now, and change it again.
failure-stale-detail-call = It changed after you read it. Please read it again and send your change with the new ETag in If-Match.
failure-key-reused-title = The request key was used for something else
failure-key-reused-detail = This request key came with other content before. Please open the form again and send it from there.
failure-key-reused-detail-call = This Idempotency-Key came with other content before. Please take a new key for a new request, and send a repeated one with the same content.
failure-key-running-title = The same request is still running
failure-key-running-detail = Please try again in a moment; nothing will be counted twice.
failure-busy-title = Many people are here right now
failure-busy-detail = What you sent has not been saved yet. Please try again in a moment; nothing will be counted twice.
failure-unavailable-title = It cannot be saved right now
failure-unavailable-detail = Our database cannot be used at the moment, so what you sent has not been saved. Please try again soon; nothing will be counted twice.
failure-full-title = It cannot be saved right now
failure-full-detail = There is no room left on our server, so what you sent has not been saved. Please try again soon; nothing will be counted twice.
failure-internal-title = Something went wrong on our side
failure-request = If you tell us about this, please give us this number: { $id }
failure-internal-detail = We are sorry. This is our mistake and has been recorded. Please try again later.
failure-unauthenticated-title = Please log in first
failure-unauthenticated-detail = You need to be logged in for this. If you were, your log-in may have ended.
failure-unauthenticated-title-call = A token is needed
failure-unauthenticated-detail-call = Please send a valid token in the header “Authorization: Bearer …”. If you sent one, it is not known, was revoked or has expired.
failure-forbidden-title = You may not do this
failure-forbidden-detail = Your role does not allow it. Please ask an administrator if you need it.
failure-cross-site-title = The request came from another site
failure-cross-site-detail = For your safety, only what is sent from this site is taken. Please open the page here and send it again.
failure-too-many-title = Too often
failure-too-many-detail =
    { $n ->
        [one] Please wait one second and try again.
       *[other] Please wait { $n } seconds and try again.
    }
failure-too-large-title = Too large
failure-too-large-detail = What was sent is longer than the limit. Please shorten it and send it again.
failure-too-slow-title = It took too long to arrive
failure-too-slow-detail = What you sent did not reach us in time and has not been saved. Please send it again when the network is better; nothing will be counted twice.
failure-unsupported-type-title = This type is not taken
failure-unsupported-type-detail = Please use the content type described for this address, such as application/json.
failure-method-not-allowed-title = This method is not taken
failure-method-not-allowed-detail = The address exists but does not take this method.
unsent-again = Send again
unsent-chosen = Whatever else you chose is kept too and goes along with it.
unsent-files = Pictures and files could not be kept. Please choose them again.
unsent-reused = This form was sent before with something else in it. If both are meant, please send it once more.
unsent-secrets = Passwords and codes are not shown again. Please type them once more.
