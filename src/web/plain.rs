//! A notice in plain words: for a message in a chat, a mail, a terminal; and for calendars.

use actix_web::{HttpRequest, HttpResponse, web};

use crate::domain::language::Language;
use crate::i18n::Words;
use crate::store::known_issues::{self, KnownIssue};
use crate::store::windows::Window;
use crate::web::app::App;
use crate::web::failure::Failure;
use crate::web::markdown;
use crate::web::notice::{Notice, Reader};
use crate::web::public::read_notice;
use crate::web::visitor::Visitor;

/// `GET /windows/{slug}.txt`
pub async fn of_window(
    app: web::Data<App>,
    request: HttpRequest,
    visitor: Visitor,
    slug: web::Path<String>,
) -> Result<HttpResponse, Failure> {
    let (slug, language) = (slug.into_inner(), visitor.language);
    let path = format!("/windows/{slug}.txt");
    let render = || {
        let app = app.clone();
        async move {
            let (settings, (window, known), others) = app
                .store
                .read(move |c| {
                    let (settings, window, others) = read_notice(c, &slug)?;
                    let known = known_issues::public_of(c, Some(window.id))?;
                    Ok((settings, (window, known), others))
                })
                .await?;
            let reader =
                Reader { words: Words(language), default: settings.default_language, now: app.now() };
            let notice = Notice::of(&window, reader, &others);
            let address = format!("{}/windows/{}", app.public_url(), window.slug);
            Ok(text(&window, &notice, &known, reader, &address))
        }
    };
    app.pages.file(&request, &path, language, "text/plain; charset=utf-8", render).await
}

/// The whole notice: what it is, the answers to what people ask, what is known to go wrong, the progress
/// (latest first), and where to read on.
pub fn text(window: &Window, notice: &Notice, known: &[KnownIssue], reader: Reader, address: &str) -> String {
    let Reader { words, default, .. } = reader;
    let mut out = vec![notice.title.clone()];
    out.push(notice.badges.iter().map(|b| b.word.as_str()).collect::<Vec<_>>().join(" · "));
    out.extend(notice.now.iter().cloned());
    let mut part = |title: String, lines: Vec<String>| {
        if !lines.is_empty() {
            out.push(String::new());
            out.push(words.with("plain-title", [("title", &title)]));
            out.extend(lines);
        }
    };
    part(words.t("windows-q-when"), notice.when.iter().chain(&notice.before).cloned().collect());
    part(words.t("windows-q-concern"), notice.concern.clone());
    let affected = notice.affected.iter().map(|a| {
        let word = [a.badge.word.as_str(), a.when.as_str()];
        let said = word.iter().filter(|w| !w.is_empty()).copied().collect::<Vec<_>>().join(" · ");
        words.with("plain-item", [("name", &a.name), ("said", &said)])
    });
    part(words.t("windows-affected-title"), affected.collect());
    part(words.t("windows-q-prepare"), notice.prepare.clone());
    part(words.t("windows-q-data"), notice.data.clone());
    let contacts =
        notice.contacts.iter().map(|c| words.with("plain-item", [("name", &c.label), ("said", &c.value)]));
    part(words.t("windows-q-support"), contacts.chain(notice.hours.iter().cloned()).collect());
    let written = |texts: &crate::domain::language::Texts| own(texts.text(words.0, default));
    let known = known.iter().map(|issue| {
        let title = issue.texts.title.text(words.0, default);
        let status = words.word("known-status", issue.fact.status.code());
        let mut lines = vec![words.with("plain-item", [("name", title), ("said", &status)])];
        lines.extend(
            [&issue.texts.body, &issue.texts.workaround].map(written).into_iter().filter(|t| !t.is_empty()),
        );
        lines.join("\n")
    });
    part(words.t("known-title-public"), known.collect());
    let progress = window.updates.iter().rev().zip(&notice.entries).map(|(update, entry)| {
        let body = written(&update.body);
        let said = if body.is_empty() { &entry.otherwise } else { &body };
        words.with("plain-entry", [("at", &entry.at.text), ("stage", &entry.badge.word), ("said", said)])
    });
    part(words.t("windows-progress"), progress.collect());
    let body = own(&window.text("body", words.0, default));
    part(words.t("windows-body"), if body.is_empty() { Vec::new() } else { vec![body] });
    out.push(String::new());
    out.push(words.with("plain-address", [("address", address)]));
    out.join("\n") + "\n"
}

/// A text that was written in Markdown, in plain words: nobody reads marks in a chat or a calendar.
fn own(text: &str) -> String {
    markdown::plain(&text.replace("\r\n", "\n").replace('\r', "\n"))
}

/// The title alone, with a word before it where it would mislead: calendars show little else.
pub(super) fn headline(window: &Window, reader: Reader, language: Language) -> String {
    let title = window.title(language, reader.default);
    if window.cancelled_at.is_some() {
        reader.words.with("plain-cancelled", [("title", &title)])
    } else {
        title
    }
}
