//! The table of windows on the page of figures.

use std::time::{Duration, Instant as Clock};

use interlude::domain::language::Language;
use interlude::domain::person::Role;
use interlude::domain::report::{Category, Impact, Status};
use interlude::domain::survey::TemplateKey;
use interlude::domain::window::{ComponentImpact, WindowState};
use interlude::store::insights::{self, Reader};

use super::{linked, next, records, with_components};
use crate::insights::{answer, report, satisfied, window_on};
use crate::support::World;
use crate::surveys::{window, window_in};

/// Three windows that are over and one that is to come: the second was liked most, the third has reports.
async fn four(world: &World) {
    with_components(world, &[("pay", "支付", "Payment")]).await;
    let first = window(world, "first", TemplateKey::Full, 300);
    let second = window(world, "second", TemplateKey::Full, 200);
    let third = window_on(world, "third", &[("pay", ComponentImpact::MajorOutage)]);
    window_in(world, "coming", TemplateKey::Full, -400, WindowState::Scheduled, false);
    answer(world, first, &[(satisfied(5, true), 4), (satisfied(2, true), 6)]);
    answer(world, second, &[(satisfied(5, true), 9), (satisfied(2, true), 1)]);
    let at = world.app.now().plus_hours(-3);
    report(world, third, vec![(Category::Other, Impact::Blocked, Status::Resolved, Some(at)); 7]);
}

story! {
    /// Sorted by each heading both ways, narrowed by what can be picked and by text; what says nothing is last
    /// both ways, and what is said of all windows does not stand beside a part of them.
    async fn windows_are_sorted_and_narrowed_by_address(world) {
        four(world).await;
        let viewer = world.staff(Role::Viewer);
        let order = async |query: &str| {
            linked(&viewer.get(&format!("/admin/insights{query}")).await.is(200).text(), "each", "/admin/insights/")
        };
        assert_eq!(order("").await, ["coming", "third", "second", "first"]);
        assert_eq!(order("?sort=when").await, ["first", "second", "third", "coming"]);
        assert_eq!(order("?sort=-csat").await, ["second", "first", "coming", "third"]);
        assert_eq!(order("?sort=csat").await, ["first", "second", "coming", "third"]);
        assert_eq!(order("?sort=-reports").await[0], "third");
        assert_eq!(order("?sort=window").await, ["coming", "first", "second", "third"]);
        assert_eq!(order("?sort=first-answer").await[0], "third");
        assert_eq!(order("?state=completed&sort=when").await, ["first", "second", "third"]);
        assert_eq!(order("?component=pay").await, ["third"]);
        assert_eq!(order("?ended=on-time&sort=window").await, ["first", "second", "third"]);
        assert_eq!(order("?ended=late").await, Vec::<String>::new());
        assert_eq!(order("?q=WORK+on+SEC").await, ["second"]);
        assert_eq!(order("?year=1999").await, Vec::<String>::new());
        let page = viewer.get("/admin/insights?sort=-csat").await.is(200).says("aria-sort=\"descending\"").text();
        assert!(page.contains("id=\"together\"") && page.contains("name=\"windows\""), "{page}");
        viewer.get("/admin/insights?state=completed").await.is(200).lacks("id=\"together\"").says("Figures of all");
        viewer.get("/admin/insights?sort=-csat&lang=zh-CN").await.is(200).says("全部").says("90.0%");
        for bad in ["sort=colour", "page=0", "page=x", "format=pdf", "cursor=1.1", "colour=red", "windows=first,second&sort=when", "q=%00"] {
            let refused = viewer.get(&format!("/admin/insights?{bad}")).await.is(422).text();
            assert!(refused.contains("<h1"), "{bad}: {refused}");
        }
    }

    /// The file has the rows that are seen in the order in which they are seen, with the small numbers too, and
    /// it is noted who took it.
    async fn figures_are_taken_along_as_they_are_seen(world) {
        four(world).await;
        let viewer = world.staff(Role::Viewer);
        let seen = linked(&viewer.get("/admin/insights?state=completed&sort=-csat").await.text(), "each", "/admin/insights/");
        let file = viewer.get("/admin/insights?state=completed&sort=-csat&format=csv").await.is(200).text();
        let rows = records(&file);
        let titles: Vec<&str> = rows.iter().map(|row| row[0].as_str()).collect();
        assert_eq!(titles, seen.iter().map(|slug| format!("Work on {slug}")).collect::<Vec<_>>());
        assert_eq!((rows[0][3].as_str(), rows[1][3].as_str(), rows[2][3].as_str()), ("90", "40", ""));
        assert_eq!((rows[0][7].as_str(), rows[0][9].as_str(), rows[0][10].as_str()), ("On time", "Completed", "10"));
        assert!(viewer.get("/admin/insights?format=xlsx").await.is(200).bytes.starts_with(b"PK"));
        world.staff(Role::Administrator).get("/admin/audit?what=table.export").await.is(200)
            .says("csv; filter: state=completed").says("3 rows of /admin/insights");
        // They are the figures that the interface gives.
        let reader = Reader { language: Language::En, default: Language::En, now: world.app.now() };
        let ((listed, _), (whole, _)) = world.read(|c| Ok((insights::listed(c, reader)?, insights::page(c, None, 100, reader)?)));
        assert_eq!(listed.len(), whole.len());
        for (listed, whole) in listed.iter().zip(&whole) {
            assert_eq!((&listed.window, &listed.schedule, &listed.survey), (&whole.window, &whole.schedule, &whole.survey));
            assert_eq!((listed.reports, listed.first_answer), (whole.reports.total, whole.reports.first_answer.median_seconds));
        }
    }

    /// Many windows that are equal in what sorts them: each on one page and none on two, and the page is made
    /// in a moment.
    async fn equal_windows_are_turned_over(world) {
        for n in 0..120 {
            window(world, &format!("w-{n}"), TemplateKey::Full, 24 * n + 1);
        }
        let viewer = world.staff(Role::Viewer);
        let mut at = Some("/admin/insights?sort=-reports".to_owned());
        let (mut all, begun) = (Vec::new(), Clock::now());
        while let Some(path) = at {
            let page = viewer.get(&path).await.is(200).text();
            all.extend(linked(&page, "each", "/admin/insights/"));
            at = next(&page);
        }
        assert_eq!(all, (0..120).map(|n| format!("w-{n}")).collect::<Vec<_>>());
        assert!(begun.elapsed() < Duration::from_secs(10), "{:?}", begun.elapsed());
        viewer.get("/admin/insights?page=3").await.is(200).says("101–120 of 120").says("rel=\"prev\"").lacks("id=\"together\"");
        viewer.get("/admin/insights?page=100000").await.is(200).says("101–120 of 120");
    }
}
