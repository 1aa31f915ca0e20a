# What is wrong with what was typed, and how to mend it.
error-required = Please fill this in.
error-too-long = At most { $max } characters; this has { $count }. Please shorten it.
error-control-character = It holds an invisible control character ({ $code }). Please remove it.
error-unknown-code = This choice is not known. Please take one of those listed.
error-unknown-code-of = This choice is not known. Please take one of these: { $codes }.
error-unknown-language = This language is not one of those that are used here. Please take one of these: { $languages }.
error-unknown-field = This field is not known. Please check its spelling.
error-duplicate-field = This field stands here twice. Please send it once.
error-wrong-type = { $expected ->
    [text] Text in quotation marks is expected here.
    [texts] Text in quotation marks is expected here, or an object with a text for each language.
    [code] One of these in quotation marks is expected here: { $codes }.
    [whole] A whole number that is in range, without quotation marks, is expected here.
    [number] A number without quotation marks is expected here.
    [flag] Here true or false is expected, without quotation marks.
    [list] A list in square brackets is expected here.
    [object] An object is expected here: fields by name, in braces.
   *[other] This does not have the form that is expected here.
}
error-bad-json = This is not valid JSON. Please look at line { $line }, column { $column }.
error-bad-reference = This is not a valid reference. Please check each letter and digit, e.g. R-7KQ4M2.
error-bad-idempotency-key = A key of 22 to 128 letters, digits or - _ . ~ is needed.
error-bad-phone = This phone number looks incomplete. Please give 5 to 20 digits, with area code and extension if there is one.
error-bad-email = This e-mail address looks incomplete. It should look like name@example.com.
error-time-and-unknown = A time was given, so it cannot be called unknown as well.
error-in-the-future = This time has not come yet. Please check the date, morning or afternoon, and the time zone.
error-too-long-ago = This is more than a year ago. Please check the year.
error-bad-name = Please use 2 to 60 letters, digits or . _ - @ and no blanks.
error-name-taken = Somebody already has this name. Please choose another.
error-password-too-short = At least { $min } characters, please; a short sentence is easy to remember.
error-password-too-common = This password is easy to guess. Please choose another, such as a few unrelated words.
error-bad-text = This is not valid UTF-8 text. Please type it again.
conflict-taken = This already exists. Please choose another name.
conflict-last-administrator = This is the last administrator. Please make somebody else administrator first.
error-key-taken = This key is already in use. Please choose another.
error-bad-cursor = This is no place in the list. Start again from the first page.
