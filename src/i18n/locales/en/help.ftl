# The help page: what people ask about maintenance.
help-title = About maintenance
help-report = Report a problem
help-how-often = How often is there maintenance?
help-how-often-count = { $n ->
    [one] Within the last year there was { $n } maintenance window.
   *[other] Within the last year there were { $n } maintenance windows.
}
help-how-often-half = Half of them took no longer than { $span }.
help-how-often-none = None has been completed yet. Those that are will be listed in the history.
help-minutes = { $n ->
    [one] { $n } minute
   *[other] { $n } minutes
}
help-hours = { $n ->
    [one] { $n } hour
   *[other] { $n } hours
}
help-next = Now and coming up:
help-next-none = Nothing is planned at present. What is planned will be announced on the start page beforehand.
help-everybody = Does it concern everybody?
help-everybody-answer = Not always. Each notice says which functions are affected, for how long, and whom it concerns. What is not listed works as usual.
help-colon = :{" "}
help-data = Is my data safe?
help-data-answer = Each notice says how the data was backed up. Nothing that you have saved is lost through maintenance; what you have not saved yet, please save before it begins.
help-say = How do I tell you how it went?
help-say-problem = Before, during and after maintenance you can press “Report a problem” on its notice. You need no account, and it takes half a minute.
help-say-survey = Afterwards the notice links to a survey of a minute or two. What you say there changes how the next one is planned.
help-note = What should I note down when something goes wrong?
help-note-answer = Whatever you remember. This helps most:
help-note-time = about when it happened
help-note-what = what you were doing and what came of it
help-note-error = the error message, copied as it was
help-note-account = the account, document or order number concerned
help-note-code = the code of your receipt: without contact details, only it finds your report again
help-answer = When will I get an answer?
help-answer-answer = Once you have sent your report you are told when support is there next. With the code or the link of your receipt you can see the state and the answers at any time; if you leave a contact, we can also reach you directly.
