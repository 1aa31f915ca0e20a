//! Tokens for programs: made and shown once, listed, revoked.

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use crate::domain::fields::FieldErrors;
use crate::domain::instant::Instant;
use crate::domain::line::{Line, TITLE_MAX};
use crate::domain::person::Role;
use crate::domain::secret::IdempotencyKey;
use crate::export::Cell;
use crate::store::people::{self, NewToken, Token};
use crate::web::app::App;
use crate::web::confirm::Final;
use crate::web::failure::Failure;
use crate::web::form::{Form, Query};
use crate::web::page::{Page, form_again, new_key, private_page, see_other};
use crate::web::table::{self, Answer, Asked, Column, Pick, Table, Tabular};
use crate::web::visitor::{Administrator, Visitor};

/// The longest life of a token that has one, in days: ten years.
const DAYS_MAX: u32 = 3_650;

#[derive(Template)]
#[template(path = "tokens.html")]
struct TokensPage {
    page: Page,
    form: Form,
    errors: FieldErrors,
    tokens: Table<TokenRow>,
    roles: &'static [Role],
    /// The token just made: shown now and never again.
    made: Option<String>,
    done: String,
}

fn fresh_form() -> Form {
    Form::default().set("role", Role::Support.code()).set("idempotency_key", new_key())
}

/// A token as a row of the list.
struct TokenRow {
    token: Token,
    /// How it stands: `works`, `revoked` or `expired`.
    state: &'static str,
}

impl TokenRow {
    fn of(token: Token, now: Instant) -> TokenRow {
        let state = if token.revoked_at.is_some() {
            "revoked"
        } else if token.expires_at.is_some_and(|at| at <= now) {
            "expired"
        } else {
            "works"
        };
        TokenRow { token, state }
    }
}

impl Tabular for TokenRow {
    const NAME: &'static str = "tokens";
    const PLACE: &'static str = "all";
    const COLUMNS: &'static [Column<TokenRow>] = &[
        Column { name: "name", title: "tokens-name", cell: |r, _| Cell::Text(r.token.name.clone()) },
        Column {
            name: "role",
            title: "people-role",
            cell: |r, page| Cell::Word(page.word("role", r.token.role.code())),
        },
        Column {
            name: "state",
            title: "people-state",
            cell: |r, page| Cell::Word(page.word("tokens-state", r.state)),
        },
        Column { name: "created", title: "tokens-created", cell: |r, _| Cell::Time(r.token.created_at) },
        Column { name: "expires", title: "tokens-expires", cell: |r, _| Cell::time(r.token.expires_at) },
        Column { name: "used", title: "tokens-used", cell: |r, _| Cell::time(r.token.used_at) },
    ];
    const PICKS: &'static [Pick<TokenRow>] = &[
        Pick {
            name: "role",
            title: "people-role",
            of: |r, page| vec![(r.token.role.code().to_owned(), page.word("role", r.token.role.code()))],
        },
        Pick {
            name: "state",
            title: "people-state",
            of: |r, page| vec![(r.state.to_owned(), page.word("tokens-state", r.state))],
        },
    ];
}

async fn all(app: &App) -> Result<Vec<TokenRow>, Failure> {
    let now = app.now();
    let tokens = app.store.read(people::tokens).await?;
    Ok(tokens.into_iter().map(|token| TokenRow::of(token, now)).collect())
}

impl TokensPage {
    async fn with(app: &App, request: &HttpRequest, visitor: &Visitor) -> Result<TokensPage, Failure> {
        let page = Page::bare(request, visitor);
        let tokens = table::whole(&page, all(app).await?);
        Ok(TokensPage::of(page, tokens))
    }

    fn of(page: Page, tokens: Table<TokenRow>) -> TokensPage {
        TokensPage {
            page,
            form: fresh_form(),
            errors: FieldErrors::new(),
            tokens,
            roles: Role::ALL,
            made: None,
            done: String::new(),
        }
    }
}

/// `GET /admin/tokens`
pub async fn list(
    app: web::Data<App>,
    request: HttpRequest,
    visitor: Visitor,
    query: Query,
    Administrator(actor): Administrator,
) -> Result<HttpResponse, Failure> {
    let asked = Asked::of::<TokenRow>(&query, &["done"], &[])?;
    let page = Page::bare(&request, &visitor);
    match table::answer(&app, &page, &actor, &asked, all(&app).await?).await? {
        Answer::File(file) => Ok(file),
        Answer::Page(tokens) => {
            let done = query.done(&["revoked"]);
            private_page(&TokensPage { done, ..TokensPage::of(page, tokens) })
        }
    }
}

fn parse(form: &Form) -> Result<(NewToken, IdempotencyKey), FieldErrors> {
    let mut errors = FieldErrors::new();
    let name = errors.keep(Line::required("name", form.get("name"), TITLE_MAX));
    let role = errors
        .keep(Role::from_code(form.get("role")).ok_or_else(|| FieldErrors::one("role", "unknown-code")));
    let days = match form.get("days").trim() {
        "" => Some(None),
        typed => {
            let days = typed.parse().ok().filter(|d| (1..=DAYS_MAX).contains(d));
            if days.is_none() {
                errors.add_with("days", "bad-days", [("max", DAYS_MAX.to_string())]);
            }
            days.map(Some)
        }
    };
    let key = errors.keep(IdempotencyKey::parse("idempotency_key", form.get("idempotency_key")));
    match (name, role, days, key) {
        (Some(name), Some(role), Some(days), Some(key)) => {
            Ok((NewToken { name: name.into_string(), role, days }, key))
        }
        _ => Err(errors),
    }
}

/// `POST /admin/tokens`: the answer shows the token; sent again, the same form shows the same one.
pub async fn create(
    app: web::Data<App>,
    request: HttpRequest,
    visitor: Visitor,
    form: Form,
    Administrator(actor): Administrator,
) -> Result<HttpResponse, Failure> {
    let (new, key) = match parse(&form) {
        Ok(parsed) => parsed,
        Err(errors) => {
            let page = TokensPage::with(&app, &request, &visitor).await?;
            return form_again(&TokensPage { form, errors, ..page });
        }
    };
    let instance = app.key.clone();
    let made = app.store.write(move |w| people::create_token_once(w, &actor, &new, &instance, &key)).await?;
    let page = TokensPage::with(&app, &request, &visitor).await?;
    private_page(&TokensPage { made: Some(made), ..page })
}

/// `POST /admin/tokens/{id}/revoke`, confirmed by typing the token's name.
pub async fn revoke(
    app: web::Data<App>,
    request: HttpRequest,
    visitor: Visitor,
    id: web::Path<i64>,
    form: Form,
    Administrator(actor): Administrator,
) -> Result<HttpResponse, Failure> {
    let id = id.into_inner();
    let tokens = app.store.read(people::tokens).await?;
    let token = tokens.into_iter().find(|t| t.id == id).ok_or(Failure::NOT_FOUND)?;
    // What works no longer can be revoked without harm.
    if token.revoked_at.is_none() {
        let page = Page::bare(&request, &visitor);
        let used = match &token.used_at {
            Some(at) => page.with("confirm-token-used", [("at", &page.stamp(at))]),
            None => page.t("confirm-token-unused"),
        };
        let role = page.word("role", token.role.code());
        let act = Final {
            title: page.with("confirm-token", [("name", &token.name)]),
            says: vec![page.with("confirm-token-says", [("role", &role)]), used],
            quotes: Vec::new(),
            word: token.name,
            button: page.t("tokens-revoke"),
            back: "/admin/tokens".to_owned(),
        };
        if let Some(asked) = act.unless_typed(page, &form)? {
            return Ok(asked);
        }
    }
    app.store.write(move |w| people::revoke_token(w, &actor, id)).await?;
    Ok(see_other("/admin/tokens?done=revoked"))
}
