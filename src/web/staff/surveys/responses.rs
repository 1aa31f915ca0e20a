//! The responses to one survey, and one of them with the questions as they were asked.

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use crate::domain::improvement::{Origin, Source};
use crate::domain::instant::Instant;
use crate::domain::language::Language;
use crate::domain::reference::ResponseReference;
use crate::domain::survey::template::Answerable;
use crate::domain::survey::{AnswerValue, Answers, Exposure, Question};
use crate::export::Cell;
use crate::store::responses::{self, Response};
use crate::store::{Error, improvements, surveys, windows};
use crate::web::app::App;
use crate::web::failure::Failure;
use crate::web::form::Query;
use crate::web::listing;
use crate::web::page::{Page, private_page};
use crate::web::table::{self, Answer, Asked, Column, Pick, Table, Tabular};
use crate::web::times::Times;
use crate::web::visitor::{Viewer, Visitor};

/// How many responses the list goes back; exports have all of them.
const SHOWN: usize = 20_000;

#[derive(Template)]
#[template(path = "staff/surveys/responses.html")]
struct ResponsesPage {
    page: Page,
    slug: String,
    title: String,
    responses: Table<Row>,
    /// Whether there are more than the table goes back.
    cut: bool,
}

/// A response as a row of the list.
struct Row {
    reference: String,
    at: Instant,
    complete: bool,
    exposure: Exposure,
    language: Language,
    csat: Option<i64>,
    comment: String,
}

impl Row {
    fn state(&self) -> (&'static str, &'static str) {
        if self.complete { ("complete", "surveys-complete") } else { ("partial", "surveys-partial") }
    }
}

impl Tabular for Row {
    const NAME: &'static str = "responses";
    const PLACE: &'static str = "all";
    const COLUMNS: &'static [Column<Row>] = &[
        Column { name: "response", title: "surveys-response", cell: |r, _| Cell::Word(r.reference.clone()) },
        Column { name: "begun", title: "surveys-begun", cell: |r, _| Cell::Time(r.at) },
        Column {
            name: "state",
            title: "surveys-state-title",
            cell: |r, page| Cell::Word(page.t(r.state().1)),
        },
        Column {
            name: "exposure",
            title: "surveys-exposure",
            cell: |r, page| Cell::Word(page.word("exposure", r.exposure.code())),
        },
        Column { name: "csat", title: "surveys-csat", cell: |r, _| Cell::number(r.csat) },
        Column { name: "comment", title: "surveys-comment", cell: |r, _| Cell::text(Some(&r.comment)) },
    ];
    const PICKS: &'static [Pick<Row>] = &[
        Pick {
            name: "state",
            title: "surveys-state-title",
            of: |r, page| vec![(r.state().0.to_owned(), page.t(r.state().1))],
        },
        Pick {
            name: "exposure",
            title: "surveys-exposure",
            of: |r, page| vec![(r.exposure.code().to_owned(), page.word("exposure", r.exposure.code()))],
        },
        Pick {
            name: "csat",
            title: "surveys-csat",
            of: |r, _| r.csat.iter().map(|n| (n.to_string(), n.to_string())).collect(),
        },
        Pick {
            name: "language",
            title: "surveys-language",
            of: |r, page| vec![(r.language.code().to_owned(), page.language_name(&r.language))],
        },
    ];
}

#[derive(Template)]
#[template(path = "staff/surveys/response.html")]
struct ResponsePage {
    page: Page,
    slug: String,
    title: String,
    reference: String,
    complete: bool,
    facts: Vec<(String, String)>,
    answers: Vec<Answered>,
    /// It says something in words that an improvement can be drawn from.
    commented: bool,
    /// What was drawn from it: reference and title.
    improvements: Vec<(String, String)>,
}

/// A question as it was asked, with its answer in words.
struct Answered {
    question: String,
    /// The answer in words; nothing if there is none.
    answer: String,
    /// The other answers are such that it was not asked.
    hidden: bool,
}

/// `GET /admin/surveys/{slug}/responses`
pub async fn list(
    app: web::Data<App>,
    request: HttpRequest,
    visitor: Visitor,
    slug: web::Path<String>,
    query: Query,
    Viewer(actor): Viewer,
) -> Result<HttpResponse, Failure> {
    let asked = Asked::of::<Row>(&query, &[], &[])?;
    let (window, mut found) = app
        .store
        .read(move |c| {
            let window = windows::by_slug(c, &slug)?;
            let found = responses::newest(c, window.id, SHOWN as i64 + 1)?;
            Ok((window, found))
        })
        .await?;
    let page = Page::bare(&request, &visitor);
    let cut = found.len() > SHOWN;
    found.truncate(SHOWN);
    let row = |r: Response| Row {
        reference: r.reference.to_string(),
        at: r.submitted_at,
        complete: r.complete,
        exposure: r.exposure,
        language: r.language,
        csat: r.answers.csat.map(i64::from),
        comment: r.answers.comment.unwrap_or_default(),
    };
    let rows = found.into_iter().map(row).collect();
    match table::answer(&app, &page, &actor, &asked, rows).await? {
        Answer::File(file) => Ok(file),
        Answer::Page(responses) => private_page(&ResponsesPage {
            slug: window.slug.to_string(),
            title: window.title(visitor.language, app.settings().default_language),
            responses,
            cut,
            page,
        }),
    }
}

fn in_words(page: &Page, app: &App, question: &Question, answers: &Answers) -> String {
    let default = app.settings().default_language;
    let label = |code: &str| {
        let choice = question.choices().iter().find(|c| c.code == code);
        choice.map_or(code.to_owned(), |c| page.words.wording(&c.text, default))
    };
    let mut said = match (answers.get(&question.key), &question.answer) {
        (None, _) => return String::new(),
        (Some(AnswerValue::Number(point)), Answerable::Scale { min, max, low, high }) => {
            let end = match point {
                p if p == *min => format!(" · {}", page.words.wording(low, default)),
                p if p == *max => format!(" · {}", page.words.wording(high, default)),
                _ => String::new(),
            };
            format!("{point} / {max}{end}")
        }
        (Some(AnswerValue::Number(point)), _) => point.to_string(),
        (Some(AnswerValue::Flag(flag)), _) => {
            let noun = if question.key == "saw_notice" { "survey" } else { "survey-answer" };
            page.t(&format!("{noun}-{}", if flag { "yes" } else { "no" }))
        }
        (Some(AnswerValue::Text(text)), Answerable::Text { .. }) => text,
        (Some(AnswerValue::Text(code)), _) => label(&code),
        (Some(AnswerValue::Choices(codes)), _) => {
            let labels: Vec<String> = codes.iter().map(|c| label(c)).collect();
            labels.join(&page.t("export-list-separator"))
        }
    };
    if let Some(AnswerValue::Text(other)) = answers.get(&question.other_key()) {
        said.push_str(&format!(" – {other}"));
    }
    said
}

/// `GET /admin/surveys/{slug}/responses/{reference}`
pub async fn show(
    app: web::Data<App>,
    request: HttpRequest,
    visitor: Visitor,
    path: web::Path<(String, String)>,
    _staff: Viewer,
) -> Result<HttpResponse, Failure> {
    let (slug, reference) = path.into_inner();
    let reference = ResponseReference::parse(&reference).ok_or(Failure::NOT_FOUND)?;
    let (window, response, template, drawn) = app
        .store
        .read(move |c| {
            let window = windows::by_slug(c, &slug)?;
            let response = responses::one(c, reference.0)?;
            if response.window_id != window.id {
                return Err(Error::NotFound);
            }
            let template = surveys::find(c, &response.template, response.template_version)?;
            let name = Some(response.reference.to_string());
            let source = Some(Source { origin: Origin::Comment, name });
            let drawn = improvements::Filter { source, ..Default::default() };
            Ok((window, response, template, improvements::list(c, &drawn, None, listing::LIMIT)?))
        })
        .await?;
    let page = Page::bare(&request, &visitor);
    let times = Times::new(page.words, page.zone);
    let default = app.settings().default_language;
    let said = |key: &str| page.t(key);
    let mut facts = vec![
        (said("surveys-begun"), times.moment(response.submitted_at)),
        (said("surveys-changed"), times.moment(response.changed_at)),
    ];
    if let Some(at) = response.completed_at {
        facts.insert(1, (said("surveys-finished"), times.moment(at)));
    }
    facts.push((said("surveys-exposure"), page.word("exposure", response.exposure.code())));
    facts.push((said("surveys-language"), page.language_name(&response.language)));
    let version = response.template_version.to_string();
    let name = page.words.wording(&template.name, default);
    facts.push((
        said("surveys-asked"),
        page.with("surveys-asked-version", [("name", &name), ("version", &version)]),
    ));
    let answers = template
        .questions
        .iter()
        .map(|q| Answered {
            question: page.words.wording(&q.text, default),
            answer: in_words(&page, &app, q, &response.answers),
            hidden: !response.answers.is_asked(q),
        })
        .collect();
    private_page(&ResponsePage {
        slug: window.slug.to_string(),
        title: window.title(visitor.language, default),
        reference: response.reference.to_string(),
        complete: response.complete,
        commented: response.answers.comment.is_some(),
        improvements: drawn.into_iter().map(|i| (i.reference().to_string(), i.title)).collect(),
        facts,
        answers,
        page,
    })
}
