//! English stems: Porter's algorithm ("An algorithm for suffix stripping", 1980), as far as it
//! matters for comparing reports: plurals, -ed, -ing, -ly and the common noun endings.

/// The stem of a word in small letters. What is not English letters is its own stem.
pub fn stem(word: &str) -> String {
    if word.len() < 4 || !word.bytes().all(|b| b.is_ascii_lowercase()) {
        return word.to_owned();
    }
    let mut word = word.to_owned();
    plural(&mut word);
    past(&mut word);
    if word.ends_with('y') && has_vowel(&word[..word.len() - 1]) {
        word.replace_range(word.len() - 1.., "i");
    }
    for (ending, instead) in NOUNS {
        if let Some(rest) = word.strip_suffix(ending) {
            if measure(rest) > 0 {
                word = format!("{rest}{instead}");
            }
            break;
        }
    }
    for ending in ENDINGS {
        if let Some(rest) = word.strip_suffix(ending) {
            if measure(rest) > 1 {
                word.truncate(rest.len());
            }
            break;
        }
    }
    if let Some(rest) = word.strip_suffix('e')
        && (measure(rest) > 1 || (measure(rest) == 1 && !ends_short(rest)))
    {
        word.truncate(word.len() - 1);
    }
    if word.ends_with("ll") && measure(&word) > 1 {
        word.truncate(word.len() - 1);
    }
    word
}

/// Porter's steps 2 and 3.
const NOUNS: &[(&str, &str)] = &[
    ("ational", "ate"),
    ("ization", "ize"),
    ("fulness", "ful"),
    ("ousness", "ous"),
    ("iveness", "ive"),
    ("tional", "tion"),
    ("biliti", "ble"),
    ("entli", "ent"),
    ("ousli", "ous"),
    ("ation", "ate"),
    ("aliti", "al"),
    ("iviti", "ive"),
    ("icate", "ic"),
    ("alize", "al"),
    ("enci", "ence"),
    ("anci", "ance"),
    ("izer", "ize"),
    ("abli", "able"),
    ("alli", "al"),
    ("ator", "ate"),
    ("ical", "ic"),
    ("ness", ""),
    ("eli", "e"),
    ("ful", ""),
];

/// Porter's step 4.
const ENDINGS: &[&str] = &[
    "ement", "ance", "ence", "able", "ible", "ment", "ant", "ent", "ism", "ate", "iti", "ous", "ive", "ize",
    "al", "er", "ic",
];

fn plural(word: &mut String) {
    if word.ends_with("sses") || word.ends_with("ies") {
        word.truncate(word.len() - 2);
    } else if word.ends_with('s') && !word.ends_with("ss") && !word.ends_with("us") {
        word.truncate(word.len() - 1);
    }
}

fn past(word: &mut String) {
    if let Some(rest) = word.strip_suffix("eed") {
        if measure(rest) > 0 {
            word.truncate(word.len() - 1);
        }
        return;
    }
    let Some(rest) = ["ed", "ing"].iter().find_map(|e| word.strip_suffix(e)) else { return };
    if !has_vowel(rest) {
        return;
    }
    let rest = rest.to_owned();
    *word = if ["at", "bl", "iz"].iter().any(|e| rest.ends_with(e)) {
        format!("{rest}e")
    } else if is_double(&rest) && !rest.ends_with(['l', 's', 'z']) {
        rest[..rest.len() - 1].to_owned()
    } else if measure(&rest) == 1 && ends_short(&rest) {
        format!("{rest}e")
    } else {
        rest
    };
}

fn is_vowel(bytes: &[u8], at: usize) -> bool {
    match bytes[at] {
        b'a' | b'e' | b'i' | b'o' | b'u' => true,
        b'y' => at > 0 && !is_vowel(bytes, at - 1),
        _ => false,
    }
}

fn has_vowel(word: &str) -> bool {
    (0..word.len()).any(|at| is_vowel(word.as_bytes(), at))
}

/// How often a vowel is followed by a consonant: Porter's m.
fn measure(word: &str) -> usize {
    let bytes = word.as_bytes();
    (1..bytes.len()).filter(|at| is_vowel(bytes, at - 1) && !is_vowel(bytes, *at)).count()
}

fn is_double(word: &str) -> bool {
    let bytes = word.as_bytes();
    matches!(bytes, [.., a, b] if a == b) && !is_vowel(bytes, bytes.len() - 1)
}

/// Consonant, vowel, consonant, and the last one not w, x or y.
fn ends_short(word: &str) -> bool {
    let bytes = word.as_bytes();
    let n = bytes.len();
    n >= 3
        && !is_vowel(bytes, n - 3)
        && is_vowel(bytes, n - 2)
        && !is_vowel(bytes, n - 1)
        && !matches!(bytes[n - 1], b'w' | b'x' | b'y')
}
