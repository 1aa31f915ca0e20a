//! The audit log as a table: sorted in the database, for it grows without end.

use interlude::domain::person::Role;
use interlude::store::audit;
use interlude::store::people::Actor as StoreActor;

use super::{next, records, without_tags};
use crate::support::{Actor, World};

/// When, who, what and to which thing of every row of every page from this one on.
async fn every(by: &Actor, path: &str) -> Vec<[String; 4]> {
    let (mut at, mut all) = (Some(path.to_owned()), Vec::new());
    while let Some(path) = at {
        let page = by.get(&path).await.is(200).text();
        let body =
            page.split("<tbody>").nth(1).unwrap_or_default().split("</tbody>").next().unwrap_or_default();
        for row in body.split("<tr>").skip(1) {
            let mut cells =
                row.split("<td").skip(1).map(|cell| without_tags(cell.split_once('>').unwrap().1));
            all.push([0; 4].map(|_| cells.next().unwrap()));
        }
        at = next(&page);
        assert!(all.len() < 1_000, "the pages go round in a circle");
    }
    all
}

/// Acts of two tokens and of the command line, many alike.
fn many(world: &World) {
    world.write(|w| {
        for n in 0..130 {
            let action = ["report.status", "window.edit", "token.create"][n % 3];
            let thing = ["alpha", "beta", "gamma", "", "delta"][n % 5];
            audit::note(w, &StoreActor::CommandLine, action, thing, &format!("number {n}"))?;
        }
        Ok(())
    });
}

fn column(rows: &[[String; 4]], at: usize) -> Vec<&str> {
    rows.iter().map(|row| row[at].as_str()).collect()
}

story! {
    /// Every order has every row once, whatever is alike, and the file has the same rows in the same order.
    async fn the_log_is_sorted_by_each_heading(world) {
        many(world);
        let administrator = world.staff(Role::Administrator);
        let usual = every(&administrator, "/admin/audit?who=command+line").await;
        let total = usual.len();
        assert!(total >= 130, "{total}");
        for sort in ["time", "-time", "who", "-who", "what", "-what", "thing", "-thing"] {
            let path = format!("/admin/audit?who=command+line&sort={sort}");
            let rows = every(&administrator, &path).await;
            let mut sorted = rows.clone();
            sorted.sort();
            let mut all = usual.clone();
            all.sort();
            assert_eq!(sorted, all, "{sort}");
            let page = administrator.get(&path).await.text();
            let told = if sort.starts_with('-') { "descending" } else { "ascending" };
            assert_eq!(page.matches("aria-sort").count(), 1);
            assert!(page.contains(&format!("aria-sort=\"{told}\"")), "{sort}");
            let file = administrator.get(&format!("/admin/audit/audit.csv?who=command+line&sort={sort}")).await.is(200);
            let things: Vec<String> = records(&file.text()).into_iter().map(|row| row[4].clone()).collect();
            assert_eq!(things, column(&rows, 3), "{sort}");
        }
        let oldest = every(&administrator, "/admin/audit?who=command+line&sort=time").await;
        assert_eq!(oldest.iter().rev().collect::<Vec<_>>(), usual.iter().collect::<Vec<_>>());
        assert_eq!(every(&administrator, "/admin/audit?who=command+line&sort=-time").await, usual);
        // What is to no thing is last both ways.
        let things = |rows: &[[String; 4]]| {
            let mut things: Vec<String> = column(rows, 3).into_iter().map(str::to_owned).collect();
            things.dedup();
            things
        };
        let rising = things(&every(&administrator, "/admin/audit?sort=thing&who=command+line&what=report.status").await);
        assert_eq!(rising, ["alpha", "beta", "delta", "gamma", ""]);
        let falling = things(&every(&administrator, "/admin/audit?sort=-thing&who=command+line&what=report.status").await);
        assert_eq!(falling, ["gamma", "delta", "beta", "alpha", ""]);
        // Newest first among those that are alike.
        let file = administrator.get("/admin/audit/audit.csv?sort=thing&what=report.status&thing=beta").await.text();
        let ids: Vec<i64> = records(&file).iter().map(|row| row[0].parse().unwrap()).collect();
        assert!(ids.len() > 5 && ids.windows(2).all(|pair| pair[0] > pair[1]), "{ids:?}");
    }

    /// People and acts are sorted by their words in the reader's alphabet, Chinese by pinyin; a file of Excel says
    /// what the page says.
    async fn the_log_is_sorted_by_words(world) {
        many(world);
        let administrator = world.staff(Role::Administrator);
        let kinds = |rows: &[[String; 4]]| {
            let mut kinds: Vec<String> = column(rows, 2).into_iter().map(str::to_owned).collect();
            kinds.dedup();
            kinds
        };
        let english = kinds(&every(&administrator, "/admin/audit?sort=what&who=command+line").await);
        let mut folded: Vec<String> = english.iter().map(|said| said.to_lowercase()).collect();
        folded.sort();
        assert_eq!(english.iter().map(|said| said.to_lowercase()).collect::<Vec<_>>(), folded);
        let chinese = world.staff(Role::Administrator).reading_chinese();
        let said = kinds(&every(&chinese, "/admin/audit?sort=what&what=report.*").await);
        assert_eq!(said.len(), 1);
        let rising = kinds(&every(&chinese, "/admin/audit?sort=what&who=command+line").await);
        let falling = kinds(&every(&chinese, "/admin/audit?sort=-what&who=command+line").await);
        assert_eq!(rising.iter().rev().collect::<Vec<_>>(), falling.iter().collect::<Vec<_>>());
        let at = |word: &str| rising.iter().position(|said| said == word).unwrap_or_else(|| panic!("{word}: {rising:?}"));
        // chuàng, xiū: by their characters it would be the other way round.
        assert!(at(&word(&chinese, "token.create").await) < at(&word(&chinese, "window.edit").await), "{rising:?}");
        let who = every(&administrator, "/admin/audit?sort=who").await;
        let mut people = column(&who, 1);
        people.dedup();
        assert_eq!(people.iter().collect::<std::collections::BTreeSet<_>>().len(), people.len(), "{people:?}");
        let book = administrator.get("/admin/audit/audit.xlsx?sort=what").await.is(200);
        assert!(book.bytes.starts_with(b"PK"));
        assert!(book.header("content-disposition").contains("audit.xlsx"));
        administrator.get("/admin/audit?what=audit.export").await.says("xlsx; filter: sort=what");
    }

    /// A place in one order is none in another, and nothing that is typed brings the page down.
    async fn bad_orders_of_the_log_are_refused(world) {
        let administrator = world.staff(Role::Administrator);
        for bad in [
            "sort=colour", "sort=--time", "sort=detail", "before=x", "before=1.a", "sort=who&before=7", "sort=who&before=x.a",
            "sort=thing&before=1.%00", "before=99999999999999999999",
        ] {
            let refused = administrator.get(&format!("/admin/audit?{bad}")).await.is(422).text();
            assert!(refused.contains("<h1"), "{bad}: {refused}");
        }
        administrator.get("/admin/audit/audit.csv?sort=colour").await.is(422);
        administrator.get("/admin/audit/audit.csv?before=1").await.is(422);
        // Somebody whose rows are gone since: the list goes on where they stood.
        administrator.get("/admin/audit?sort=who&before=1.person:nobody").await.is(200);
        administrator.get("/admin/audit?sort=-what&before=1.%E6%9F%90%E4%BA%8B").await.is(200);
        administrator.get("/admin/audit?sort=thing&before=-5.zzz").await.is(200);
        administrator.get("/admin/audit?sort=-thing&before=9.").await.is(200);
    }
}

/// The word for an act, as somebody reads it.
async fn word(by: &Actor, action: &str) -> String {
    let rows = every(by, &format!("/admin/audit?what={action}")).await;
    rows[0][2].clone()
}
