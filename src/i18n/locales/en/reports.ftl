# The reporter's side: the form, the receipt and what comes of them.
error-no-such-window = There is no window with this name. Please take one from the notices, or leave it out.
error-no-such-component = This function is not known. Please take one of those listed, or leave it out.
conflict-reference-taken = Another report already has the reference { $reference } here.
