//! Both languages say the same things, and everything that code and templates ask for is there.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::*;

/// Every message of a language: key → names of its arguments.
fn messages(language: &str) -> BTreeMap<String, BTreeSet<String>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/i18n/locales").join(language);
    let mut found = BTreeMap::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let text = std::fs::read_to_string(&path).unwrap();
        let mut key = None;
        for line in text.lines() {
            let starts = line.chars().next().is_some_and(|c| c.is_ascii_alphabetic());
            if starts && let Some((name, _)) = line.split_once('=') {
                let name = name.trim().to_owned();
                assert!(
                    found.insert(name.clone(), BTreeSet::new()).is_none(),
                    "{language}: {name} stands twice"
                );
                key = Some(name);
            }
            if let Some(key) = &key {
                let mut rest = line;
                while let Some(at) = rest.find('$') {
                    rest = &rest[at + 1..];
                    let end =
                        rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(rest.len());
                    found.get_mut(key).unwrap().insert(rest[..end].to_owned());
                }
            }
        }
    }
    found
}

fn sources(folder: &Path, endings: &[&str], texts: &mut Vec<(String, String)>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, endings, texts);
        } else if path.extension().is_some_and(|e| endings.iter().any(|x| e == *x)) {
            texts.push((path.display().to_string(), std::fs::read_to_string(&path).unwrap()));
        }
    }
}

#[test]
fn all_languages_have_the_same_messages_with_the_same_arguments() {
    let en = messages("en");
    for language in Language::ALL {
        let other = messages(language.code());
        let keys: BTreeSet<_> = other.keys().chain(en.keys()).collect();
        let differing: Vec<_> = keys.into_iter().filter(|k| other.get(*k) != en.get(*k)).collect();
        assert!(differing.is_empty(), "differ between {language} and English: {differing:?}");
    }
}

#[test]
fn every_message_that_is_asked_for_exists() {
    let known = messages("en");
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut texts = Vec::new();
    sources(&root.join("src"), &["rs"], &mut texts);
    sources(&root.join("templates"), &["html", "txt", "svg"], &mut texts);
    let mut missing = Vec::new();
    texts.retain(|(file, _)| !file.ends_with("i18n/tests.rs"));
    for (file, text) in &texts {
        for call in [
            "words.t(\"",
            "words.n(\"",
            "words.with(\"",
            "words.said(\"",
            ".t(\"",
            ".n(\"",
            ".with(\"",
            ".saying(\"",
        ] {
            for (at, _) in text.match_indices(call) {
                let rest = &text[at + call.len()..];
                let key = &rest[..rest.find('"').unwrap_or(0)];
                if !key.is_empty() && !key.contains('{') && !known.contains_key(key) {
                    missing.push(format!("{file}: {key}"));
                }
            }
        }
        for marker in ["FieldErrors::one(", "errors.add(", "errors.add_with(", "Error::field("] {
            for (at, _) in text.match_indices(marker) {
                let call = &text[at + marker.len()..];
                let Some(first) = call.find(',') else { continue };
                let rest = call[first + 1..].trim_start();
                let Some(code) = rest.strip_prefix('"').and_then(|r| r.split('"').next()) else { continue };
                if !known.contains_key(&format!("error-{code}")) {
                    missing.push(format!("{file}: error-{code}"));
                }
            }
        }
        for marker in ["Error::conflict(\"", "Error::conflict_with(\""] {
            for (at, _) in text.match_indices(marker) {
                let code = text[at + marker.len()..].split('"').next().unwrap_or_default();
                if !known.contains_key(&format!("conflict-{code}")) {
                    missing.push(format!("{file}: conflict-{code}"));
                }
            }
        }
    }
    missing.sort();
    missing.dedup();
    assert!(missing.is_empty(), "asked for but not written:\n{}", missing.join("\n"));
}

#[test]
fn every_code_has_a_word() {
    use crate::domain::person::Role;
    use crate::domain::report::{Category, Impact, Precision, Severity, Source, Status, Verdict};
    use crate::domain::support_hours::ContactKind;
    use crate::domain::survey::TemplateKey;
    use crate::domain::window::{ComponentImpact, ReportStage, WindowState};
    use crate::domain::zone::Fold;
    let known = messages("en");
    let mut missing = Vec::new();
    let mut want = |noun: &str, codes: Vec<&str>| {
        for code in codes {
            let key = format!("{noun}-{}", code.replace('_', "-"));
            if !known.contains_key(&key) {
                missing.push(key);
            }
        }
    };
    want("impact", Impact::ALL.iter().map(|c| c.code()).collect());
    want("error", vec!["description-required", "impact-required", "occurred-at-required"]);
    want("error", vec!["bad-json", "wrong-type", "unknown-code-of", "unknown-language", "duplicate-field"]);
    want("failure", vec!["not-found-title-call", "unauthenticated-title-call"]);
    let calls = ["not-found", "unauthenticated", "stale", "key-reused"];
    calls.iter().for_each(|code| want(&format!("failure-{code}"), vec!["detail-call"]));
    want("reporting-impact", Impact::CHOICES.iter().map(|c| c.code()).collect());
    want("reporting-impact-hint", Impact::CHOICES.iter().map(|c| c.code()).collect());
    want("receipt-event", crate::store::reports::events::EventKind::ALL.iter().map(|c| c.code()).collect());
    want("receipt-stands", Status::ALL.iter().map(|c| c.code()).collect());
    // A duplicate never repeats a duplicate.
    want(
        "receipt-original",
        Status::ALL.iter().filter(|s| **s != Status::Duplicate).map(|c| c.code()).collect(),
    );
    want("receipt-event-original", vec!["resolved", "closed"]);
    want("wrote", crate::domain::report_filter::Wrote::ALL.iter().map(|c| c.code()).collect());
    want("category", Category::ALL.iter().map(|c| c.code()).collect());
    want("status", Status::ALL.iter().map(|c| c.code()).collect());
    want("severity", Severity::ALL.iter().map(|c| c.code()).collect());
    want("precision", Precision::ALL.iter().map(|c| c.code()).collect());
    want("source", Source::ALL.iter().map(|c| c.code()).collect());
    want("verdict", Verdict::ALL.iter().map(|c| c.code()).collect());
    want("role", Role::ALL.iter().map(|c| c.code()).collect());
    want("role-about", Role::ALL.iter().map(|c| c.code()).collect());
    use crate::domain::alarm::{AlarmKind, AlarmState};
    use crate::domain::targets::DueState;
    use crate::store::reports::bulk::Outcome;
    want("due", DueState::ALL.iter().map(|c| c.code()).collect());
    want("reason-severity", Severity::ALL.iter().map(|c| c.code()).collect());
    want("reason-people", vec!["10", "60", "1440"]);
    want("rules-presumed", Severity::ALL.iter().map(|c| c.code()).collect());
    want("bulk-outcome", Outcome::ALL.iter().map(|c| c.code()).collect());
    want("bulk-outcome-note", Outcome::ALL.iter().map(|c| c.code()).collect());
    want("alarm-why", AlarmKind::ALL.iter().map(|c| c.code()).collect());
    want("alarm-state", AlarmState::ALL.iter().map(|c| c.code()).collect());
    want("alarm-by", vec!["acknowledged", "dismissed"]);
    want("answers-done", vec!["added", "changed", "removed"]);
    want("filters-done", vec!["forgotten"]);
    want("weight", crate::domain::urgency::Weights::default().named().map(|(name, _)| name).to_vec());
    for key in ["overdue", "critical", "not-fixed", "wrote", "me-toos", "soon", "new", "own"] {
        want("todo", vec![key]);
        want(&format!("todo-{key}"), vec!["why"]);
    }
    let conflicts = ["alarm-decided", "filter-needs-person"];
    want("conflict", conflicts.to_vec());
    want("tokens-state", vec!["works", "revoked", "expired"]);
    want("people-done", vec!["role", "password", "disabled", "enabled"]);
    want("help", crate::domain::help::Built::ALL.iter().map(|c| c.code()).collect());
    want("help-edit-done", vec!["saved", "removed"]);
    want("appearance-done", vec!["saved"]);
    want("appearance-theme", vec!["light", "dark"]);
    want("settings-done", vec!["saved", "loaded", "removed"]);
    want("state", WindowState::ALL.iter().map(|c| c.code()).collect());
    want("stage", ReportStage::ALL.iter().map(|c| c.code()).collect());
    want("component-impact", ComponentImpact::ALL.iter().map(|c| c.code()).collect());
    want("known-status", crate::domain::known_issue::IssueStatus::ALL.iter().map(|c| c.code()).collect());
    want("known-done", vec!["created", "edited", "linked", "unlinked", "resolved", "reopened"]);
    want("history", vec!["answer", "message", "contact", "erased"]);
    want("contact", ContactKind::ALL.iter().map(|c| c.code()).collect());
    want("fold", Fold::ALL.iter().map(|c| c.code()).collect());
    want("exposure", crate::domain::survey::Exposure::ALL.iter().map(|c| c.code()).collect());
    want("change", crate::domain::statistics::Change::ALL.iter().map(|c| c.code()).collect());
    let answers = [
        "out-of-scale",
        "unknown-question",
        "unknown-choice",
        "exclusive-choice",
        "not-text",
        "nothing-answered",
        "hidden-question",
        "other-not-chosen",
    ];
    want("error", answers.to_vec());
    for template in TemplateKey::BUILT_IN.iter().flat_map(|key| key.built_in_versions()) {
        let keys = template.message_keys();
        missing.extend(keys.into_iter().filter(|k| !known.contains_key(*k)).map(str::to_owned));
    }
    assert!(missing.is_empty(), "codes without a word: {missing:?}");
}

#[test]
fn every_act_that_is_noted_has_a_word() {
    let known = messages("en");
    let mut texts = Vec::new();
    sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &["rs"], &mut texts);
    let (mut missing, mut found) = (BTreeSet::new(), 0);
    let code = |l: &str| !l.is_empty() && l.chars().all(|c| c.is_ascii_lowercase() || "._-".contains(c));
    let mut wants = |file: &str, act: &str| {
        found += 1;
        let key = format!("action-{}", act.replace('.', "-"));
        if !known.contains_key(&key) {
            missing.insert(format!("{file}: {key}"));
        }
    };
    for (file, text) in texts.iter().filter(|(file, _)| !file.ends_with("i18n/tests.rs")) {
        for line in text.lines().filter(|line| line.contains("actor")) {
            let literals = line.split('"').skip(1).step_by(2);
            let acts = literals.filter(|l| l.matches('.').count() == 1 && !l.contains('_') && code(l));
            acts.for_each(|act| wants(file, act));
        }
        // The act is the first word of every note, whether or not it has a dot.
        for call in text.split("audit::note").skip(1) {
            let call = call.split(';').next().unwrap_or_default();
            let act = call.split('"').nth(1).filter(|act| code(act));
            act.into_iter().for_each(|act| wants(file, act));
        }
    }
    assert!(found > 60, "{found}");
    assert!(missing.is_empty(), "acts without a word: {missing:?}");
}

#[test]
fn plurals_and_arguments_are_filled_in() {
    let (en, zh) = (Words(Language::En), Words(Language::ZhCn));
    assert_eq!(en.with("queue-caption-sorted", [("n", "1")]), "1 report");
    assert_eq!(en.with("queue-caption-sorted", [("n", "37")]), "37 reports");
    // Grouped digits and counts that are not exact are many.
    assert_eq!(en.with("queue-caption-sorted", [("n", "1,234")]), "1,234 reports");
    assert!(zh.n("queue-caption-sorted", 37).contains("37"));
}

/// Messages that say a number before a plural and need no singular, and why.
const ALWAYS_MANY: [(&str, &str); 14] = [
    ("conflict-bulk-too-many", "a limit of the program, far above one"),
    ("alarm-detail", "the span that alarms look at, 30 minutes"),
    ("error-too-long", "a limit of the program"),
    ("error-password-too-short", "a limit of the program"),
    ("error-list-row-long", "a limit of the program"),
    ("error-image-too-many-pixels", "a limit of the program"),
    ("error-too-many-images", "a limit of the program"),
    ("error-window-too-long", "a limit of the program"),
    ("insights-minimum", "\"answers or reports\" is of many whatever the number"),
    ("insights-compare-minimum", "\"answers or reports\" is of many whatever the number"),
    ("insights-points", "a difference with a decimal"),
    ("receipt-next-later", "times, not numbers"),
    ("known-history-linked-many", "there is another message for one"),
    ("known-history-unlinked-many", "there is another message for one"),
];

/// Words that end as plurals do and are none.
const NO_PLURALS: [&str; 6] = ["has", "is", "sees", "does", "occurs", "uses"];

/// The text of every English message.
fn english() -> BTreeMap<String, String> {
    let mut files = Vec::new();
    sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src/i18n/locales/en"), &["ftl"], &mut files);
    let mut texts: BTreeMap<String, String> = BTreeMap::new();
    for (_, file) in files {
        let mut key = String::new();
        for line in file.lines().filter(|line| !line.starts_with('#')) {
            if let Some((name, text)) =
                line.split_once('=').filter(|_| line.starts_with(|c: char| c.is_ascii_lowercase()))
            {
                key = name.trim().to_owned();
                texts.insert(key.clone(), text.to_owned());
            } else if let Some(text) = texts.get_mut(&key) {
                text.push('\n');
                text.push_str(line);
            }
        }
    }
    texts
}

/// The variables that stand before a plural noun (with at most one word between) and do not choose it.
fn unchosen(text: &str) -> Vec<&str> {
    let plural = |word: &str| word.len() > 2 && word.ends_with('s') && !NO_PLURALS.contains(&word);
    text.match_indices("{ $")
        .filter_map(|(at, begin)| {
            let (name, after) = text[at + begin.len()..].split_once(" }")?;
            let words: Vec<&str> = after.strip_prefix(' ')?.split([' ', '\n']).take(2).collect();
            let whole = |w: &&str| w.chars().all(|c| c.is_ascii_lowercase());
            // Past a comma or the end of the sentence nothing is counted any more.
            let counted: Vec<&str> = match words.first() {
                Some(first) if whole(first) => words,
                Some(first) => vec![*first],
                None => vec![],
            };
            let noun = counted.iter().any(|w| plural(w.trim_end_matches([',', '.', ';', ':', '?'])));
            (noun && !name.contains(' ') && !text.contains(&format!("${name} ->"))).then_some(name)
        })
        .collect()
}

#[test]
fn english_counts_choose_their_nouns() {
    assert_eq!(unchosen("{ $n } reports, newest first"), ["n"]);
    assert_eq!(unchosen("of { $bad } bad rows."), ["bad"]);
    assert!(unchosen("{ $n ->\n [one] 1 report\n *[other] { $n } reports\n }").is_empty());
    assert!(unchosen("{ $by } has, { $n }, reports").is_empty());
    let wrong: Vec<_> = english()
        .into_iter()
        .filter(|(key, _)| ALWAYS_MANY.iter().all(|(name, _)| name != key))
        .filter(|(_, text)| !unchosen(text).is_empty())
        .collect();
    assert!(wrong.is_empty(), "a number without the singular of what it counts: {wrong:#?}");
}

#[test]
fn every_plural_can_be_said_of_one_and_of_two() {
    let arguments = messages("en");
    for (key, text) in english().into_iter().filter(|(_, text)| text.contains("->")) {
        for language in Language::ALL {
            let said = |n: &str| {
                let all = arguments[&key].iter().map(|name| (&*name.clone().leak(), n));
                Words(*language).said(&key, all)
            };
            let (one, two) = (said("1"), said("2"));
            for said in [&one, &two] {
                assert!(!said.contains(['{', '$']) && *said != key, "{language}: {key} says {said}");
            }
            // A selector over words, not over numbers, has no case for either.
            let counts = text.contains("[one]") && *language == Language::En;
            assert!(!counts || one != two, "{key} says the same of one and of two: {one}");
        }
    }
}

/// Code that names a language, and why it may.
const NAMES_A_LANGUAGE: [(&str, &str); 11] = [
    (
        "src/i18n/mod.rs",
        "the language that words are written in first, whose keys all others are compared with",
    ),
    ("src/cli/mod.rs", "what operators read at the command line is English"),
    ("src/cli/import.rs", "what operators read at the command line is English, unless they ask for another"),
    ("src/cli/window.rs", "two options that are short for `--text`"),
    ("src/web/visitor.rs", "the language of a server that nobody has set up yet"),
    ("src/store/language.rs", "in which language a PostgreSQL server speaks is named as it names it"),
    ("src/store/instance.rs", "the language of a server that nobody has set up yet"),
    ("src/web/editor/components.rs", "keys are made of Latin letters, which an English name has"),
    ("src/web/staff/surveys/written.rs", "keys are made of Latin letters, which an English name has"),
    ("src/domain/notice.rs", "addresses are made of Latin letters, which an English title has"),
    ("src/domain/survey/invited.rs", "what people call two languages in lists; tags work for all"),
];

#[test]
fn no_code_names_the_languages() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut texts = Vec::new();
    sources(&root.join("src"), &["rs"], &mut texts);
    sources(&root.join("templates"), &["html", "txt", "svg"], &mut texts);
    let mut named = BTreeSet::new();
    for (file, text) in &texts {
        let file = file.strip_prefix(&format!("{}/", root.display())).unwrap_or(file);
        // Tests and the demonstration say things in languages of their own.
        if file.ends_with("tests.rs") || file.starts_with("src/demo/") {
            continue;
        }
        let code = text.split("#[cfg(test)]").next().unwrap_or_default();
        for line in code.lines().filter(|line| !line.trim_start().starts_with("//")) {
            // An attribute says in which language a part of a page is.
            let line = line.replace("lang=\"en\"", "");
            let literal = ["\"en\"", "\"zh-CN\"", "\"zh\"", "Language::En", "Language::ZhCn"];
            if literal.iter().any(|l| line.contains(l)) {
                named.insert(file.to_owned());
            }
        }
    }
    let allowed: BTreeSet<String> = NAMES_A_LANGUAGE.iter().map(|(file, _)| (*file).to_owned()).collect();
    assert_eq!(named, allowed, "what names a language, and what may");
}
