//! What every page needs, in one value.

use actix_web::{HttpMessage, HttpRequest, HttpResponse, HttpResponseBuilder, web};
use askama::Template;

use crate::domain::colour::{Accent, OWN_FRAME};
use crate::domain::fields::FieldErrors;
use crate::domain::instant::Instant;
use crate::domain::language::Language;
use crate::domain::person::Role;
use crate::domain::zone::Zone;
use crate::i18n::Words;
use crate::store::instance::Settings;
use crate::store::people::Actor;
use crate::web::app::App;
use crate::web::failure::Failure;
use crate::web::markdown::{self, Html};
use crate::web::summary;
use crate::web::visitor::Visitor;

/// The frame of a page: its reader and its service.
#[derive(Debug, Clone)]
pub struct Page {
    /// The reader's words.
    pub words: Words,
    /// The path of this page, for the language switch.
    pub path: String,
    /// The query of this page without `lang`, beginning with `&` unless empty.
    pub rest_of_query: String,
    /// The name of the service, or nothing if nobody has set one.
    pub service_name: String,
    /// What the operator has set for the look of all pages.
    pub look: Look,
    /// The zone that the service lives in.
    pub zone: Zone,
    /// Who is logged in, if that matters for this page.
    pub actor: Option<Actor>,
    /// How many alarms nobody has decided about.
    pub undecided: i64,
}

/// How the operator wants pages to look, ready for templates.
#[derive(Debug, Clone)]
pub struct Look {
    /// The accent as `rrggbb`, by which its style sheet is named; nothing: the product's own.
    pub accent: String,
    /// What a browser paints around the page: the accent's or the product's own, as `#rrggbb`.
    pub frame: String,
    /// What names the operator's logo; nothing: the product's own mark.
    pub logo: String,
    /// The footer of public pages.
    pub footer: Html,
}

/// The colour around pages of a server with these settings, as `#rrggbb`.
pub(super) fn frame(settings: &Settings) -> String {
    settings.appearance.accent.map_or(OWN_FRAME, Accent::frame).to_string()
}

impl Default for Look {
    /// The product's own, as a page without settings has it.
    fn default() -> Look {
        Look {
            accent: String::new(),
            frame: OWN_FRAME.to_string(),
            logo: String::new(),
            footer: Html::NOTHING,
        }
    }
}

impl Look {
    /// The look as these settings have it, for readers of this language.
    pub fn of(settings: &Settings, language: Language) -> Look {
        let appearance = &settings.appearance;
        let accent = appearance.accent.map(|a| a.colour().to_string());
        Look {
            accent: accent.map(|a| a.trim_start_matches('#').to_owned()).unwrap_or_default(),
            frame: frame(settings),
            logo: appearance.logo.clone().unwrap_or_default(),
            footer: markdown::render(appearance.footer.text(language, settings.default_language)),
        }
    }
}

impl Page {
    /// The frame of a page that is the same for everybody.
    pub fn bare(request: &HttpRequest, visitor: &Visitor) -> Page {
        let app = request.app_data::<web::Data<App>>();
        let settings = app.map(|app| app.settings());
        let rest: String = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(
                form_urlencoded::parse(request.query_string().as_bytes()).filter(|(name, _)| name != "lang"),
            )
            .finish();
        Page {
            words: Words(visitor.language),
            path: request.path().to_owned(),
            rest_of_query: if rest.is_empty() { rest } else { format!("&{rest}") },
            zone: settings.as_ref().map_or(Zone::UTC, |s| s.time_zone),
            look: settings.as_ref().map(|s| Look::of(s, visitor.language)).unwrap_or_default(),
            service_name: settings.map(|s| s.service_name.clone()).unwrap_or_default(),
            actor: request.extensions().get::<Option<Actor>>().cloned().flatten(),
            undecided: app.map_or(0, |app| app.undecided_alarms()),
        }
    }

    /// The reader's language.
    pub fn language(&self) -> Language {
        self.words.0
    }

    /// All languages that pages are written in.
    pub fn languages(&self) -> &'static [Language] {
        Language::ALL
    }

    /// What a language calls itself.
    pub fn language_name(&self, language: &Language) -> String {
        Words(*language).t("language-name")
    }

    /// The message with this key.
    pub fn t(&self, key: &str) -> String {
        self.words.t(key)
    }

    /// The message with this key about `n` things.
    pub fn n(&self, key: &str, n: impl TryInto<i64>) -> String {
        self.words.n(key, n)
    }

    /// The message with this key and these texts in it.
    pub fn with<const N: usize>(&self, key: &str, arguments: [(&'static str, &str); N]) -> String {
        self.words.with(key, arguments)
    }

    /// The message with this key and this one text in it, as templates can say it.
    pub fn saying(&self, key: &str, name: &'static str, text: &str) -> String {
        self.words.with(key, [(name, text)])
    }

    /// A count as people read it, with groups of three digits.
    pub fn count(&self, n: &i64) -> String {
        crate::web::figures::count(n.unsigned_abs())
    }

    /// The word for a code.
    pub fn word(&self, noun: &str, code: &str) -> String {
        self.words.word(noun, code)
    }

    /// The name of the service, or of the product if nobody has set one.
    pub fn service(&self) -> String {
        if self.service_name.is_empty() { self.t("product-name") } else { self.service_name.clone() }
    }

    /// Whether somebody with at least this role is logged in: `viewer`, `support`, `operator` or
    /// `administrator`.
    pub fn may(&self, role: &str) -> bool {
        match (&self.actor, Role::from_code(role)) {
            (Some(actor), Some(role)) => actor.role().may(role),
            _ => false,
        }
    }

    /// How many undecided alarms this page tells of in its frame: none where the reader decides about
    /// nothing, and none where the page itself shows them.
    pub fn alarms_elsewhere(&self) -> i64 {
        let shows_them = ["/admin/", "/admin/reports", "/admin/alarms"].contains(&self.path.as_str());
        if self.may("support") && !shows_them { self.undecided } else { 0 }
    }

    /// Whether it stands in a frame of another site, which has a frame of its own.
    pub fn is_embedded(&self) -> bool {
        crate::web::embed::is_embedded(&self.path)
    }

    /// Whether a person is logged in, not a program.
    pub fn is_person(&self) -> bool {
        matches!(self.actor, Some(Actor::Person { .. }))
    }

    /// The name of whoever is logged in.
    pub fn who(&self) -> String {
        match &self.actor {
            Some(Actor::Person { name, .. } | Actor::Token { name, .. }) => name.clone(),
            _ => String::new(),
        }
    }

    /// Whether this page's path is this one or lies below it.
    pub fn is_below(&self, path: &str) -> bool {
        self.path == path || self.path.strip_prefix(path).is_some_and(|rest| rest.starts_with('/'))
    }

    /// What is wrong with this field, said to the reader.
    pub fn errors(&self, errors: &FieldErrors, field: &str) -> Vec<String> {
        errors.of(field).map(|e| self.words.error(e)).collect()
    }

    /// A moment as staff read it in tables: `2026-11-22 02:31` by the service's own clock.
    pub fn stamp(&self, at: &Instant) -> String {
        self.zone.local(*at).format("%Y-%m-%d %H:%M").to_string()
    }

    /// A moment for `<time datetime>`.
    pub fn machine_time(&self, at: &Instant) -> String {
        at.rfc3339()
    }
}

/// A fresh key for a form that creates something: 160 random bits.
pub fn new_key() -> String {
    crate::store::instance::random_secret()
}

/// What a page says, with the fields named that something is wrong with.
pub fn rendered(template: &impl Template) -> Result<String, Failure> {
    Ok(summary::named(template.render()?))
}

/// A page as an answer. Pages with anything personal in them must use [`private_page`].
pub fn html(template: &impl Template) -> Result<HttpResponse, Failure> {
    Ok(HttpResponse::Ok().content_type("text/html; charset=utf-8").body(rendered(template)?))
}

/// A page that must not be kept by anybody: secrets, staff data, what somebody typed.
pub fn private_page(template: &impl Template) -> Result<HttpResponse, Failure> {
    private(HttpResponse::Ok(), template)
}

/// A form again, with what was typed and what is wrong with it: 422.
pub fn form_again(template: &impl Template) -> Result<HttpResponse, Failure> {
    private(HttpResponse::UnprocessableEntity(), template)
}

/// A page again, because what was asked for does not fit what is there by now: 409. Somebody else was
/// faster, as a rule.
pub fn conflict_page(template: &impl Template) -> Result<HttpResponse, Failure> {
    private(HttpResponse::Conflict(), template)
}

fn private(mut response: HttpResponseBuilder, template: &impl Template) -> Result<HttpResponse, Failure> {
    Ok(response
        .content_type("text/html; charset=utf-8")
        .insert_header(("Cache-Control", "no-store"))
        .body(rendered(template)?))
}

/// Sends the reader on to another page after a change.
pub fn see_other(path: &str) -> HttpResponse {
    HttpResponse::SeeOther()
        .insert_header(("Location", path))
        .insert_header(("Cache-Control", "no-store"))
        .finish()
}
