//! Pages as they are found in the wild: whatever is reported can be found again,
//! and alone.

use engine::browser::Session;
use engine::browser::facts::PageFacts;
use engine::job::steps::Act;
use qualitymax_engine as engine;
use sample_sites::Site;

use super::served::{Answer, html, serve};
use super::{browsers, open, role, signed_in_options, story};

/// Playwright's own engine finds each element once, and each collection's
/// items as often as they were counted.
async fn assert_all_found_again(session: &mut Session, facts: &PageFacts) {
    for element in &facts.elements {
        let count = session.count(&element.locator).await.unwrap();
        assert_eq!(count, 1, "{} in {}", element.locator.to_code(), facts.url);
    }
    for text in &facts.texts {
        let count = session.count(&text.locator).await.unwrap();
        assert_eq!(count, 1, "{} in {}", text.locator.to_code(), facts.url);
    }
    for collection in &facts.collections {
        let count = session.count(&collection.items).await.unwrap();
        assert_eq!(
            count,
            collection.count,
            "{} in {}",
            collection.items.to_code(),
            facts.url
        );
    }
}

#[test]
fn every_locator_of_the_sample_sites_matches_its_element_alone() {
    story(async {
        for site in Site::ALL {
            let running = sample_sites::start(site, ([127, 0, 0, 1], 0).into(), None)
                .await
                .unwrap();
            let mut session = browsers()
                .open(signed_in_options(&running.url()))
                .await
                .unwrap();
            let home = session.goto("/").await.unwrap();
            assert_all_found_again(&mut session, &home).await;
            for link in home.links.iter().take(2) {
                let page = session.goto(&link.url).await.unwrap();
                assert!(!page.partial && page.status == Some(200), "{}", page.url);
                assert_all_found_again(&mut session, &page).await;
            }
        }
    });
}

#[test]
fn every_locator_of_a_tangled_page_matches_its_element_alone() {
    story(async {
        let page = html(
            r#"
            <nav aria-label=Main><ul><li><a href="/next">Next</a></li><li><a href=/next#here>Next</a></li></ul></nav>
            <h2>Same</h2><h3>Same</h3>
            <button aria-hidden=true>Ghost</button><button style="visibility:hidden">Ghost</button><button>Ghost</button>
            <div style="display:contents"><button>Held</button></div>
            <details><summary>More</summary><button>Inside</button></details><button>Inside</button>
            <div id=host><button>Unslotted</button></div><button>Unslotted</button>
            <label>Search <input type=search></label><input placeholder="Search"><input aria-label="Quote &quot;me&quot; \ twice">
            <input type=checkbox id=c1><label for=c1>Yes</label><input type=password><div contenteditable>Notes</div>
            <div data-testid=card class=card>One <button>Open</button></div><div data-testid=card class=card>Two <button>Open</button></div>
            <span style="text-transform:uppercase">shout</span><p>Split <b>in</b>  parts</p><p>Split in parts</p>
            <p>3</p><p>4</p><div role=tablist><div role=tab aria-selected=true>A</div><div role=tab>B</div></div>
            <form><input name=id><button>Clobber</button></form>
            <table><caption>Prices</caption><thead><tr><th>Item<th>Price</thead><tbody><tr><th scope=row>Tea<td>2</td></tr><tr><th scope=row>Rum<td>2</td></tr></tbody></table>
            <iframe srcdoc="<button>Framed</button>" title=Frame></iframe><svg><a href=/next><text>Drawn</text></a></svg>
            <script>const root = host.attachShadow({ mode: 'open' }); root.innerHTML = '<button>Shadow</button><p>Shade</p>'</script>"#,
        );
        let served = serve([("/", page), ("/next", html(""))]).await;
        let mut session = open(&served.url).await;
        let facts = session.goto("/").await.unwrap();
        assert!(!facts.partial);
        assert_all_found_again(&mut session, &facts).await;
        let shown = facts
            .elements
            .iter()
            .map(|one| one.locator.to_code())
            .collect::<Vec<_>>();
        insta::assert_snapshot!(shown.join("\n"), @r#"
        locator('body > main > nav > ul > li:nth-of-type(1) > a')
        locator('a[href="/next#here"]')
        getByRole('button', { name: 'Ghost', exact: true })
        getByRole('button', { name: 'Held', exact: true })
        getByText('More', { exact: true })
        getByRole('button', { name: 'Inside', exact: true })
        getByRole('button', { name: 'Shadow', exact: true })
        getByRole('button', { name: 'Unslotted', exact: true })
        getByRole('searchbox', { name: 'Search', exact: true })
        getByRole('textbox', { name: 'Search', exact: true })
        getByRole('textbox', { name: 'Quote "me" \\ twice', exact: true })
        getByRole('checkbox', { name: 'Yes', exact: true })
        locator('body > main > input:nth-of-type(4)')
        getByText('Notes', { exact: true })
        getByTestId('card').filter({ hasText: 'One' }).getByRole('button', { name: 'Open', exact: true })
        getByTestId('card').filter({ hasText: 'Two' }).getByRole('button', { name: 'Open', exact: true })
        getByRole('tab', { name: 'A', exact: true })
        getByRole('tab', { name: 'B', exact: true })
        locator('input[name="id"]')
        getByRole('button', { name: 'Clobber', exact: true })
        getByRole('link', { name: 'Drawn', exact: true })
        "#);
        let groups = facts.collections.iter();
        let groups = groups.map(|one| {
            format!(
                "{} of {}: {} {:?}",
                one.count,
                one.label,
                one.items.to_code(),
                one.titles
            )
        });
        insta::assert_snapshot!(groups.collect::<Vec<_>>().join("\n"), @r#"
        2 of Main: getByRole('listitem') [None, None]
        2 of Same: getByRole('tab') [None, None]
        2 of Prices: getByRole('table', { name: 'Prices', exact: true }).locator('tbody tr') [Some("Tea"), Some("Rum")]
        2 of : getByTestId('card') [None, None]
        "#);
        let told = facts
            .texts
            .iter()
            .map(|one| format!("{} {}: {}", one.role, one.text, one.locator.to_code()));
        insta::assert_snapshot!(told.collect::<Vec<_>>().join("\n"), @r"
        heading Same: getByRole('heading', { name: 'Same', exact: true, level: 2 })
        heading Same: getByRole('heading', { name: 'Same', exact: true, level: 3 })
        paragraph Shade: getByText('Shade', { exact: true })
        text One Open: getByText('One Open', { exact: true })
        text Two Open: getByText('Two Open', { exact: true })
        text shout: getByText('shout', { exact: true })
        paragraph Split in parts: locator('body > main > p:nth-of-type(1)')
        paragraph Split in parts: locator('body > main > p:nth-of-type(2)')
        paragraph 3: getByRole('main').getByText('3', { exact: true })
        paragraph 4: getByRole('main').getByText('4', { exact: true })
        caption Prices: getByText('Prices', { exact: true })
        columnheader Item: getByRole('columnheader', { name: 'Item', exact: true })
        columnheader Price: getByRole('columnheader', { name: 'Price', exact: true })
        rowheader Tea: getByRole('table', { name: 'Prices', exact: true }).getByRole('rowheader', { name: 'Tea', exact: true })
        cell 2: getByRole('table', { name: 'Prices', exact: true }).locator('tbody tr').filter({ hasText: 'Tea' }).getByRole('cell', { name: '2', exact: true })
        rowheader Rum: getByRole('table', { name: 'Prices', exact: true }).getByRole('rowheader', { name: 'Rum', exact: true })
        cell 2: getByRole('table', { name: 'Prices', exact: true }).locator('tbody tr').filter({ hasText: 'Rum' }).getByRole('cell', { name: '2', exact: true })
        ");
    });
}

#[test]
fn banners_in_other_tongues_and_in_frames_are_answered() {
    story(async {
        let german = html("<h1>Hallo</h1><div class=cookie-banner style='position:fixed;bottom:0' onclick='this.remove()'>
            Wir verwenden Cookies. <a href=#>Datenschutz</a> <button>Einstellungen</button> <button>Alle akzeptieren</button></div>");
        let framed =
            html("<h1>Hi</h1><iframe id=sp_message_iframe_1 title='Consent' src=/cmp></iframe>");
        let cmp = html(
            "<p>We and our partners store cookies.</p><button onclick=\"frameElement.remove()\">Accept</button>",
        );
        let newsletter = html(
            "<div role=dialog aria-label=News><p>Our privacy policy says much.</p><button>OK</button></div>",
        );
        let stubborn = html(
            "<div role=dialog aria-label=Cookies>We use cookies <button onclick='said.textContent += 1'>Accept</button></div><p id=said>Pressed </p>",
        );
        let late = html(
            "<h1>Late</h1><button onclick='setTimeout(ask, 300)'>Go on</button><script>
            function ask() { document.body.insertAdjacentHTML('beforeend', `<div role=dialog aria-label=Cookies>
                We use cookies <button onclick='this.parentNode.remove()'>Accept all</button></div>`) }</script>",
        );
        let served = serve([
            ("/de", german),
            ("/framed", framed),
            ("/cmp", cmp),
            ("/news", newsletter),
            ("/late", late),
            ("/stubborn", stubborn),
        ])
        .await;
        let mut session = open(&served.url).await;
        let answered = async |session: &mut Session, path| {
            let facts = session.goto(path).await.unwrap();
            facts
                .consent
                .map(|locator| locator.to_code())
                .unwrap_or_default()
        };
        assert_eq!(
            answered(&mut session, "/de").await,
            "getByRole('button', { name: 'Alle akzeptieren', exact: true })"
        );
        assert_eq!(
            answered(&mut session, "/framed").await,
            "frameLocator('#sp_message_iframe_1').getByRole('button', { name: 'Accept', exact: true })"
        );
        assert_eq!(answered(&mut session, "/news").await, "");
        assert_eq!(answered(&mut session, "/late").await, "");
        let clicked = session
            .act(&Act::Click {
                target: role("button", "Go on"),
            })
            .await
            .unwrap();
        tokio::time::sleep(std::time::Duration::from_millis(500)).await;
        let later = session.facts().await.unwrap();
        assert!(
            clicked.facts.consent.or(later.consent).is_some(),
            "a banner that came later is answered when it is met"
        );
        assert_eq!(answered(&mut session, "/stubborn").await, "");
        let again = session.facts().await.unwrap();
        assert!(
            again.texts.iter().any(|text| text.text == "Pressed 1"),
            "{:?}",
            again.texts
        );
    });
}

#[test]
fn what_a_page_complains_about_is_told() {
    story(async {
        let page = html(
            "<h1>Hello</h1><img src=/gone.png><script>console.error('it broke'); fetch('/gone'); null.x</script>",
        );
        let served = serve([("/", page), ("/empty", Answer::Html(String::new()))]).await;
        let mut session = open(&served.url).await;
        let facts = session.goto("/").await.unwrap();
        let mut told = [facts.console_errors, facts.failed_requests].concat();
        told.sort();
        let told = told.join("\n").replace(&served.url, "http://page");
        insta::assert_snapshot!(told, @r"
        Cannot read properties of null (reading 'x')
        Failed to load resource: the server responded with a status of 404 (Not Found)
        Failed to load resource: the server responded with a status of 404 (Not Found)
        Failed to load resource: the server responded with a status of 404 (Not Found)
        GET http://page/gone 404
        GET http://page/gone.png 404
        it broke
        ");
        let gone = session.goto("/gone").await.unwrap();
        assert_eq!(
            (gone.status, gone.texts[0].text.as_str()),
            (Some(404), "Nothing here")
        );
        assert!(
            gone.console_errors
                .iter()
                .all(|error| !error.contains("it broke"))
        );
        assert!(session.goto("/empty").await.unwrap().texts.is_empty());
    });
}
