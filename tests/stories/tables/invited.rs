//! Who is invited to a survey, as a table: sorted and narrowed in the database.

use diesel::prelude::*;
use interlude::domain::person::Role;
use interlude::domain::survey::TemplateKey;
use interlude::store::audit;
use interlude::store::surveys::invitations::{self, Filter, State, Wanted};

use super::{firsts, next, records};
use crate::support::{Actor, World};
use crate::surveys::window;

const PATH: &str = "/admin/surveys/night/invitations";

/// Invites the people of this list.
async fn invite(world: &World, list: &str) -> i64 {
    let id = window(world, "night", TemplateKey::Short, 1);
    world.staff(Role::Support).post_form(PATH, &[("act", "upload"), ("list", list)]).await.is(303);
    id
}

/// Who is on every page from this one on.
async fn every(by: &Actor, query: &str) -> Vec<String> {
    let (mut at, mut all) = (Some(format!("{PATH}?{query}")), Vec::new());
    while let Some(path) = at {
        let page = by.get(&path).await.is(200).text();
        all.extend(firsts(&page));
        at = next(&page);
        assert!(all.len() < 1_000, "the pages go round in a circle");
    }
    all
}

story! {
    /// By name in the reader's alphabet (Chinese by pinyin), by how far each is and since when, both ways; by
    /// state, by text and by both.
    async fn invitations_are_sorted_and_narrowed_by_address(world) {
        let id = invite(world, "name,contact\n支付,z@example.com\n登录,d@example.com\nBob,b@example.com\nann,a@example.com\n,c@example.com").await;
        let staff = world.staff(Role::Support);
        let ids: Vec<i64> = world.read(|c| invitations::ids(c, id, &Wanted { filter: Filter::All, state: None, exposure: None, person: String::new() }, None));
        let (first, second) = (ids[4], ids[3]);
        // The first was sent out and reminded, the second was withdrawn.
        world.write(move |w| {
            use interlude::store::schema::invitations as t;
            let (told, reminded) = (w.now.plus_hours(-2), w.now.plus_hours(2));
            let row = diesel::update(t::table.find(first)).set((t::told_at.eq(told), t::reminded_at.eq(reminded)));
            row.execute(w.connection)?;
            diesel::update(t::table.find(second)).set(t::revoked_at.eq(told)).execute(w.connection)?;
            Ok(())
        });
        let names = async |query: &str| -> Vec<String> {
            every(&staff, query).await.into_iter().map(|said| said.split_once("@").map_or(said.clone(), |(name, _)| name[..name.len() - 1].to_owned())).collect()
        };
        assert_eq!(names("").await, ["", "ann", "Bob", "登录", "支付"]);
        // Somebody who reads English looks characters up as they are; c@example.com has no name.
        assert_eq!(names("sort=who").await, ["ann", "Bob", "", "支付", "登录"]);
        assert_eq!(names("sort=-who").await, ["登录", "支付", "", "Bob", "ann"]);
        assert_eq!(names("sort=state").await, ["", "ann", "Bob", "支付", "登录"]);
        assert_eq!(names("sort=-state").await, ["登录", "支付", "", "ann", "Bob"]);
        assert_eq!(names("sort=-when").await[0], "支付");
        assert_eq!(names("sort=when").await[4], "支付");
        assert_eq!(names("sort=exposure").await.len(), 5);
        assert_eq!(names("state=revoked").await, ["登录"]);
        assert_eq!(names("state=reminded").await, ["支付"]);
        assert_eq!(names("state=decided&q=EXAMPLE&sort=who").await, ["ann", "Bob", ""]);
        assert_eq!(names("show=unanswered&sort=who").await, ["ann", "Bob", "", "支付"]);
        assert_eq!(names("q=b%40&exposure=invited").await, ["Bob"]);
        staff.get(&format!("{PATH}?q=nobody")).await.is(200).says("Nothing matches").lacks("<tbody>");
        let page = staff.get(&format!("{PATH}?show=unanswered&q=example&sort=-who")).await.is(200).text();
        assert!(page.contains("aria-sort=\"descending\"") && page.contains("name=\"show\" value=\"unanswered\""), "{page}");
        let chinese = world.staff(Role::Support).reading_chinese();
        assert_eq!(every(&chinese, "sort=who").await[..2], ["登录d@example.com".to_owned(), "支付z@example.com".to_owned()]);
        for bad in ["sort=contact", "state=gone", "exposure=ray", "show=some", "page=0", "format=pdf", "before=3", "q=%00"] {
            let refused = staff.get(&format!("{PATH}?{bad}")).await.is(422).text();
            assert!(refused.contains("<h1"), "{bad}: {refused}");
        }
        // The database means by a state what the list says.
        let wanted = |state| Wanted { filter: Filter::All, state: Some(state), exposure: None, person: String::new() };
        for state in State::ALL {
            let found = world.read(|c| { let ids = invitations::ids(c, id, &wanted(*state), None)?; invitations::with_ids(c, id, &ids) });
            assert!(found.iter().all(|listed| listed.state == *state), "{state}");
        }
    }

    /// Many that are alike: each on one page, none on two; the file has the same rows in the same order, and
    /// the audit log says that contacts left, and nothing of whom was looked for.
    async fn invitations_are_taken_along_as_they_are_seen(world) {
        let list: String = (0..120).map(|n| format!("person {n},p{n}@example.com\n")).collect();
        invite(world, &format!("name,contact\n{list}")).await;
        let staff = world.staff(Role::Support);
        for sort in ["state", "-state", "exposure", "-when", "who", "-who"] {
            let seen = every(&staff, &format!("sort={sort}")).await;
            let file = staff.get(&format!("{PATH}?sort={sort}&format=csv")).await.is(200);
            let taken: Vec<String> = records(&file.text()).iter().map(|row| format!("{}{}", row[0], row[4])).collect();
            assert_eq!(seen.len(), 120, "{sort}");
            assert_eq!(taken, seen, "{sort}");
        }
        assert_eq!(every(&staff, "sort=who").await[9..11], ["person 9p9@example.com".to_owned(), "person 10p10@example.com".to_owned()]);
        staff.get(&format!("{PATH}?sort=who&page=3")).await.is(200).says("101–120 of 120").says("rel=\"prev\"");
        let some = staff.get(&format!("{PATH}?q=p11%40example.com&format=xlsx")).await.is(200);
        assert!(some.bytes.starts_with(b"PK") && some.header("cache-control") == "no-store");
        let acts = world.read(|c| audit::list(c, None, 100));
        let taken: Vec<&str> = acts.iter().filter(|a| a.action == "table.export").map(|a| a.detail.as_str()).collect();
        assert_eq!(taken.len(), 7);
        assert_eq!(taken[0], format!("xlsx; filter: q=***; with contacts; 1 rows of {PATH}"));
        assert!(taken[1].contains("sort=-who; with contacts; 120 rows"), "{}", taken[1]);
        world.staff(Role::Viewer).get(&format!("{PATH}?format=csv")).await.is(403);
        // What people wrote or how they can be reached is saved by the server alone.
        let page = staff.get(PATH).await.text();
        assert!(page.contains("<thead><tr><th scope=\"col\"><a class=\"sort\""), "{page}");
    }
}
