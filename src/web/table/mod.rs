//! The tables of staff: narrowed, sorted, turned over and taken along, all by their address, so that a
//! view can be kept, sent and opened again, also without script.
//!
//! A row says what it is called in each column ([`Tabular`]); what is asked for comes in with the query
//! ([`Asked`]); what is shown of it goes to `templates/table.html` ([`Frame`]). For lists that fit into
//! memory ([`answer`]); what grows with the number of people is narrowed and sorted by the database, and
//! comes here a page at a time ([`given`]).

mod asked;
mod file;
mod frame;
mod order;

use actix_web::HttpResponse;

use crate::export::Cell;
use crate::store::people::Actor;
use crate::web::app::App;
use crate::web::failure::Failure;
use crate::web::page::Page;
pub use asked::Asked;
pub use frame::{Frame, Heading, Select, aria_sort};
use frame::{frame, select, selects, turned};
pub use order::Order;

/// A column: its name in addresses and the key of its title, and what stands in it.
pub struct Column<R> {
    /// Its name in addresses.
    pub name: &'static str,
    /// The key of its title.
    pub title: &'static str,
    /// What stands in it, in the reader's words.
    pub cell: fn(&R, &Page) -> Cell,
}

/// Something that rows have in common with others: the code in addresses, and its word.
pub struct Pick<R> {
    /// Its name in addresses.
    pub name: &'static str,
    /// The key of its title.
    pub title: &'static str,
    /// The codes and words of a row; an empty code cannot be picked.
    pub of: fn(&R, &Page) -> Vec<(String, String)>,
}

/// What can be a row of a table.
pub trait Tabular: Sized + 'static {
    /// What the table is called in the names of its files and in the audit log.
    const NAME: &'static str;
    /// Where the page stands again after a press on a title: the id of something above the table.
    const PLACE: &'static str;
    /// Its columns as they stand.
    const COLUMNS: &'static [Column<Self>];
    /// What it can be narrowed by, beside what its texts say.
    const PICKS: &'static [Pick<Self>];
    /// What files say beside the columns: what the page writes below something else, such as a badge.
    const MORE: &'static [Column<Self>] = &[];
    /// Whether its rows say how somebody can be reached: the audit log then says so of every file, and
    /// nothing of what was looked for.
    const CONTACTS: bool = false;

    /// Where a code stands among those of its pick that have an order of their own; the others stand in
    /// the order of their words.
    fn rank(_pick: &str, _code: &str) -> usize {
        0
    }

    /// What a row is sorted by in the column with this name, where that is not what stands in it: the
    /// seconds of what reads as hours and minutes.
    fn key(&self, _column: &str) -> Option<Cell> {
        None
    }
}

/// What a row is sorted by in this column.
fn key<R: Tabular>(row: &R, column: &Column<R>, page: &Page) -> Cell {
    row.key(column.name).unwrap_or_else(|| (column.cell)(row, page))
}

/// Rows as they are shown: a page of them, and what stands around.
pub struct Table<R> {
    /// The rows of this page.
    pub rows: Vec<R>,
    /// What stands around them.
    pub frame: Frame,
}

/// What an address asks for of these rows.
pub enum Answer<R> {
    /// A page shows them.
    Page(Table<R>),
    /// A file takes them along.
    File(HttpResponse),
}

/// Narrows and sorts rows as they are asked for, and cuts the page out of them or writes the file, which
/// is noted in the audit log.
pub async fn answer<R: Tabular>(
    app: &App,
    page: &Page,
    actor: &Actor,
    asked: &Asked,
    rows: Vec<R>,
) -> Result<Answer<R>, Failure> {
    let (rows, frame) = narrowed(page, asked, rows);
    match asked.format {
        None => Ok(Answer::Page(cut(page, asked, rows, frame))),
        Some(format) => {
            let query = asked.query::<R>(asked.sort, &[]);
            file::take_along(app, page, actor, format, &query, rows).await.map(Answer::File)
        }
    }
}

/// The first page of all rows: for pages that say something else first, such as what is wrong with a form.
pub fn whole<R: Tabular>(page: &Page, rows: Vec<R>) -> Table<R> {
    let asked = Asked { page: 1, ..Asked::default() };
    let (rows, frame) = narrowed(page, &asked, rows);
    cut(page, &asked, rows, frame)
}

/// What the database found of what is asked for.
pub struct Given<R> {
    /// The rows of [`Asked::piece`], in order.
    pub rows: Vec<R>,
    /// How many match.
    pub found: usize,
    /// How many there are.
    pub total: i64,
    /// The codes and words that each pick offers, in their order.
    pub offers: Vec<Vec<(String, String)>>,
}

/// The same for rows that were narrowed, sorted and cut before.
pub async fn given<R: Tabular>(
    app: &App,
    page: &Page,
    actor: &Actor,
    asked: &Asked,
    given: Given<R>,
) -> Result<Answer<R>, Failure> {
    let Given { rows, found, total, offers } = given;
    if let Some(format) = asked.format {
        let query = asked.query::<R>(asked.sort, &[]);
        return file::take_along(app, page, actor, format, &query, rows).await.map(Answer::File);
    }
    let select = |(pick, offers): (&Pick<R>, Vec<(String, String)>)| select(page, asked, pick, offers);
    let selects = R::PICKS.iter().zip(offers).map(select).collect();
    let mut frame = frame(page, asked, &rows, selects, total, found);
    turned::<R>(page, asked, &mut frame);
    Ok(Answer::Page(Table { rows, frame }))
}

fn narrowed<R: Tabular>(page: &Page, asked: &Asked, mut rows: Vec<R>) -> (Vec<R>, Frame) {
    let total = i64::try_from(rows.len()).unwrap_or(i64::MAX);
    let selects = selects(page, asked, &rows);
    let terms: Vec<String> = asked.text.to_lowercase().split_whitespace().map(str::to_owned).collect();
    rows.retain(|row| {
        let picked = R::PICKS.iter().all(|pick| {
            asked
                .picked
                .get(pick.name)
                .is_none_or(|code| (pick.of)(row, page).iter().any(|(of, _)| of == code))
        });
        picked && (terms.is_empty() || says(row, page, &terms))
    });
    if let Some((column, descends)) = asked.sort {
        let column = &R::COLUMNS[column];
        let order = Order::of(page.language());
        let mut keyed: Vec<(Cell, R)> = rows.into_iter().map(|row| (key(&row, column, page), row)).collect();
        keyed.sort_by(|(a, _), (b, _)| order.compare(a, b, descends));
        rows = keyed.into_iter().map(|(_, row)| row).collect();
    }
    let found = rows.len();
    let frame = frame(page, asked, &rows, selects, total, found);
    (rows, frame)
}

fn cut<R: Tabular>(page: &Page, asked: &Asked, mut rows: Vec<R>, mut frame: Frame) -> Table<R> {
    turned::<R>(page, asked, &mut frame);
    let piece = asked.piece(rows.len());
    rows.truncate(piece.end);
    rows.drain(..piece.start);
    Table { rows, frame }
}

fn says<R: Tabular>(row: &R, page: &Page, terms: &[String]) -> bool {
    let mut said = String::new();
    for column in R::COLUMNS {
        if let Cell::Text(text) | Cell::Word(text) = (column.cell)(row, page) {
            said.push_str(&text.to_lowercase());
            said.push('\n');
        }
    }
    terms.iter().all(|term| said.contains(term))
}
