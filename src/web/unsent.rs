//! What somebody sent and nobody could take: given back as a page from which it can be sent again,
//! whatever form it came from. It needs no database.
//!
//! [`Form`] leaves what came in the request; whoever makes a page of a failure asks for it here. What
//! was typed stands in fields under the words of the form that it came from; what was chosen, and what
//! nobody saw, goes along as it was, the idempotency key included. Passwords and codes are asked for
//! anew.

use actix_web::http::Method;
use actix_web::web::Bytes;
use actix_web::{HttpMessage, HttpRequest};
use askama::Template;

use crate::domain::language::Language;
use crate::i18n::Words;
use crate::store::Error;
use crate::web::failure::{Failure, asks_json, named};
use crate::web::form::Form;
use crate::web::page::{Page, new_key};
use crate::web::visitor::Visitor;

/// The body of the form that came with a request, kept with it until it is answered.
pub(super) struct Sent(pub Bytes);

/// Words longer than this many characters get several lines.
const LINE: usize = 80;

/// A field that somebody types in.
struct Typed {
    /// A part of the address of its form; empty: of any form.
    of: &'static str,
    /// Its name, or the last part of it.
    name: &'static str,
    /// The message with which its own form names it.
    label: &'static str,
}

const fn typed(of: &'static str, name: &'static str, label: &'static str) -> Typed {
    Typed { of, name, label }
}

/// The first that fits counts. A field that stands here is shown even if nothing was typed in it.
const TYPED: &[Typed] = &[
    typed("/admin/reports/new", "description", "phone-description"),
    typed("", "description", "reporting-description"),
    typed("/admin/reports/new", "occurred_at", "phone-when"),
    typed("", "occurred_at", "reporting-occurred-at"),
    typed("", "zone", "reporting-zone"),
    typed("", "error_message", "reporting-error-message"),
    typed("", "account", "reporting-account"),
    typed("", "device", "reporting-device"),
    typed("", "phone", "reporting-phone"),
    typed("", "email", "reporting-email"),
    typed("", "message", "receipt-message"),
    typed("/survey", "comment", "survey-question-comment"),
    typed("/admin/help", "question", "help-edit-question"),
    typed("/admin/help", "answer", "help-edit-answer"),
    typed("/admin/known-issues", "answer", "known-answer-label"),
    typed("/admin/bulk", "answer", "bulk-answer"),
    typed("/admin/", "answer", "report-answer"),
    typed("/admin/", "note", "report-note"),
    typed("", "duplicate_of", "report-duplicate-of"),
    typed("/admin/improvements", "title", "improvement-title"),
    typed("/admin/known-issues", "title", "known-title"),
    typed("/admin/answers", "title", "answers-name"),
    typed("/admin/windows", "title", "editor-text-title"),
    typed("/admin/improvements", "detail", "improvement-detail"),
    typed("/admin/known-issues", "body", "known-body"),
    typed("/admin/answers", "body", "answers-body"),
    typed("/edit", "body", "editor-text-body"),
    typed("/admin/windows/new", "body", "editor-text-body"),
    typed("/admin/windows", "body", "editor-update-body"),
    typed("", "workaround", "known-workaround"),
    typed("", "references", "known-references"),
    typed("", "audience", "editor-text-audience"),
    typed("", "advice", "editor-text-advice"),
    typed("", "backup_statement", "editor-text-backup"),
    typed("", "slug", "editor-slug"),
    typed("", "scheduled_start", "editor-start"),
    typed("", "scheduled_end", "editor-end"),
    typed("", "finish_before", "editor-finish-before"),
    typed("", "interruption_start", "editor-interruption-start"),
    typed("", "interruption_end", "editor-interruption-end"),
    typed("/admin/windows", "label", "editor-contact-label"),
    typed("/admin/windows", "value", "editor-contact-value"),
    typed("/admin/components", "name", "components-name"),
    typed("/admin/filters", "name", "filters-name"),
    typed("/admin/tokens", "name", "tokens-name"),
    typed("/setup/", "name", "setup-name"),
    typed("/admin/people", "name", "login-name"),
    typed("/login", "name", "login-name"),
    typed("", "invite_name", "login-name"),
    typed("", "service_name", "setup-service-name"),
    typed("/admin/settings", "time_zone", "setup-time-zone"),
    typed("/setup/", "time_zone", "setup-time-zone"),
    typed("/admin/windows", "time_zone", "editor-zone"),
    typed("", "embed_origins", "embed-origins"),
    typed("", "footer", "appearance-footer"),
    typed("", "accent", "appearance-accent"),
    typed("/invitations", "list", "surveys-upload-list"),
];

/// Fields with blanks in them that nobody sees.
const UNSEEN: &[&str] = &["asked", "query", "list", "next", "back", "user_agent"];

/// What is asked for anew, and the message that names it.
fn secret(path: &str, name: &str) -> Option<&'static str> {
    match name {
        "code" if path == "/receipts" => Some("receipt-code"),
        "code" => Some("code-code"),
        "password_again" => Some("setup-password-again"),
        "password" => Some("login-password"),
        name if name.ends_with("password") => Some("account-old-password"),
        _ => None,
    }
}

/// How a field is shown.
#[derive(PartialEq, Eq)]
enum Kind {
    Unseen,
    Line,
    Long,
    /// A password or a code: what came is not shown.
    Secret {
        password: bool,
    },
}

struct Field {
    kind: Kind,
    name: String,
    value: String,
    label: String,
    /// Which of several fields of that name it is: its language, or its place.
    part: String,
}

impl Field {
    fn is_unseen(&self) -> bool {
        self.kind == Kind::Unseen
    }

    fn is_long(&self) -> bool {
        self.kind == Kind::Long
    }

    fn is_secret(&self) -> bool {
        matches!(self.kind, Kind::Secret { .. })
    }

    fn is_password(&self) -> bool {
        self.kind == Kind::Secret { password: true }
    }

    fn of(path: &str, name: &str, value: &str, words: Words) -> Field {
        let field = |kind, label: String, part: String| {
            let value = if matches!(kind, Kind::Secret { .. }) { "" } else { value };
            Field { kind, name: name.to_owned(), value: value.to_owned(), label, part }
        };
        if let Some(label) = secret(path, name) {
            let kind = match (value.is_empty(), name) {
                // What was left open stays so.
                (true, _) => Kind::Unseen,
                (false, name) => Kind::Secret { password: name != "code" },
            };
            return field(kind, words.t(label), String::new());
        }
        let (base, language) = match name.rsplit_once('.') {
            Some((base, code)) if Language::from_code(code).is_some() => (base, Language::from_code(code)),
            _ => (name, None),
        };
        let (place, last) = base.rsplit_once('.').unwrap_or(("", base));
        let part = language.map_or_else(|| place.to_owned(), |l| Words(l).t("language-name"));
        let long = value.contains('\n') || value.chars().count() > LINE;
        let kind = if long { Kind::Long } else { Kind::Line };
        let known = TYPED.iter().find(|t| t.name == last && path.contains(t.of));
        if let Some(known) = known.filter(|_| !value.is_empty() || place.is_empty()) {
            return field(kind, words.t(known.label), part);
        }
        // Codes and numbers were chosen; where there are blanks or other letters, somebody wrote.
        let written = value.chars().any(|c| c.is_whitespace() || !c.is_ascii());
        if written && !UNSEEN.contains(&name) {
            return field(kind, name.to_owned(), String::new());
        }
        field(Kind::Unseen, String::new(), String::new())
    }
}

/// The message that says why a form was not taken although nothing is wrong with it; nothing if it
/// makes no sense to send it again as it is.
fn trouble(failure: &Failure) -> Option<&'static str> {
    Some(match failure {
        Failure::Store(Error::Busy | Error::Locked | Error::KeyRunning) => "reporting-trouble-busy",
        Failure::Store(Error::Full(_) | Error::Unavailable(_) | Error::Refused(_)) => {
            "reporting-trouble-unavailable"
        }
        Failure::Store(Error::KeyReused) => "unsent-reused",
        Failure::TooMany(_) => "reporting-trouble-often",
        _ => return None,
    })
}

/// Whether what came with a request that failed so is given back.
pub(super) fn is_given_back(request: &HttpRequest, failure: &Failure) -> bool {
    *request.method() == Method::POST && !asks_json(request) && trouble(failure).is_some()
}

/// Whether files came with a request that failed so: they are not kept and must be chosen again.
pub(super) fn has_lost_files(request: &HttpRequest, failure: &Failure) -> bool {
    is_given_back(request, failure) && request.content_type().eq_ignore_ascii_case("multipart/form-data")
}

/// The page with what was sent.
#[derive(Template)]
#[template(path = "unsent.html")]
pub(super) struct UnsentPage {
    page: Page,
    /// Why it was not taken.
    trouble: String,
    /// Where it is sent again.
    action: String,
    fields: Vec<Field>,
    secrets: bool,
    /// By which the log knows it.
    named: String,
}

impl UnsentPage {
    /// What came with this request, if it was a form that can be sent again after this failure.
    pub(super) fn of(request: &HttpRequest, visitor: &Visitor, failure: &Failure) -> Option<UnsentPage> {
        let trouble = trouble(failure).filter(|_| is_given_back(request, failure))?;
        let form = Form::parse(&request.extensions().get::<Sent>()?.0).ok()?;
        // Sent, gone back, changed and sent again: that is something else.
        let reused = matches!(failure, Failure::Store(Error::KeyReused));
        let form = if reused { form.set("idempotency_key", new_key()) } else { form };
        let page = Page::bare(request, visitor);
        let fields: Vec<Field> = form
            .pairs()
            .iter()
            .map(|(name, value)| Field::of(request.path(), name, value, page.words))
            .collect();
        Some(UnsentPage {
            trouble: page.t(trouble),
            action: request.uri().path_and_query().map_or_else(|| page.path.clone(), |p| p.to_string()),
            secrets: fields.iter().any(Field::is_secret),
            named: named(request, page.words, failure),
            fields,
            page,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field(path: &str, name: &str, value: &str) -> Field {
        Field::of(path, name, value, Words(Language::En))
    }

    #[test]
    fn what_was_typed_is_shown_under_its_own_words() {
        let title = field("/admin/windows/night/edit", "title.zh-CN", "夜间维护");
        assert!(!title.is_unseen() && !title.is_long());
        assert_eq!((title.label, title.part), (Words(Language::En).t("editor-text-title"), "中文".into()));
        assert!(field("/admin/reports/R-7KQ4M2", "answer", "one\ntwo").is_long());
        assert!(!field("/report", "phone", "").is_unseen(), "it can still be filled in");
        let unknown = field("/windows/night/survey", "answers.why", "because of it");
        assert_eq!(unknown.label, "answers.why");
    }

    #[test]
    fn every_field_has_its_words() {
        for language in Language::ALL {
            for field in TYPED {
                let said = Words(*language).t(field.label);
                assert!(!said.is_empty() && !said.contains(field.label), "{}: {said}", field.label);
            }
        }
    }

    #[test]
    fn what_was_chosen_goes_along_unseen() {
        for (name, value) in [
            ("idempotency_key", "a-key-of-22-characters-x"),
            ("act", "keep"),
            ("impact", "blocked"),
            ("csat", "4"),
            ("asked", "csat comment"),
            ("support.contacts.3.label", ""),
        ] {
            let field = field("/windows/night/survey", name, value);
            assert!(field.is_unseen(), "{name}");
            assert_eq!(field.value, value);
        }
    }

    #[test]
    fn secrets_are_not_repeated() {
        for (path, name) in [
            ("/login", "password"),
            ("/setup/x", "password_again"),
            ("/admin/account/password", "old_password"),
            ("/login/code", "code"),
            ("/receipts", "code"),
        ] {
            let field = field(path, name, "K7QM-2XVD");
            assert!(field.is_secret() && field.value.is_empty(), "{path} {name}");
        }
    }
}
