use super::*;

fn show(phrase: &Phrase) -> String {
    let mut parts = Vec::new();
    if let Some(count) = phrase.count {
        parts.push(format!("{count}×"));
    }
    if !phrase.text.is_empty() {
        parts.push(phrase.text.clone());
    }
    parts.extend(phrase.quotes.iter().map(|quote| format!("‘{quote}’")));
    parts.extend(phrase.amounts.clone());
    parts.extend(phrase.with.iter().map(|with| format!("+({})", show(with))));
    parts.extend(
        phrase
            .without
            .iter()
            .map(|without| format!("-({})", show(without))),
    );
    parts.extend(
        phrase
            .places
            .iter()
            .map(|place| format!("@({})", show(place))),
    );
    parts.join(" ")
}

fn understood(description: &str) -> String {
    let lines = clauses(description).into_iter().map(|clause| {
        let flag = |is: bool, word| if is { word } else { "" };
        let not = [
            flag(clause.supposed, "if "),
            flag(clause.negated, "not "),
            flag(clause.only, "only "),
        ]
        .concat();
        let subject = show(&clause.subject);
        let subject = if subject.is_empty() {
            subject
        } else {
            format!("[{subject}] ")
        };
        let condition = clause.condition.iter();
        let until: String = condition
            .map(|act| format!(" until {:?} {}", act.verb, show(&act.object)))
            .collect();
        let object = show(&clause.object);
        format!("  {subject}{not}{:?} {object}{until}", clause.verb)
            .trim_end()
            .to_owned()
    });
    format!("{description}\n{}", lines.collect::<Vec<_>>().join("\n"))
}

#[test]
fn descriptions_are_taken_apart_clause_by_clause() {
    let descriptions = [
        "Test that users can login and see their dashboard with 4 task sections",
        "Test login",
        "Signing in with a wrong password shows the error message 'Invalid email or password'",
        "After logging in, the user is greeted with \"Welcome, Ada\" at the top of the dashboard",
        "Users can log in and add a new task called 'Book the venue', which then appears under To do",
        "Log in, then log out again. Check that you land on the sign-in page and that it says 'Bye'",
        "Search for 'lamp' and see 2 products",
        "Add the Desk Lamp to the cart and see the total $39.00 in the cart",
        "When a customer puts the Mug into the cart, the cart link at the top of the page should read \"Cart (1)\"",
        "Verify that items can be removed: add the Wool Blanket to the cart, open the cart, remove it, and the page says 'Your cart is empty'",
        "Clicking on the Floor Lamp opens its product page, which shows $89.00 and 'In stock'",
        "Sort the products by price from low to high; the Ceramic Mug must come first",
        "Fill in the contact form with valid details and send it. A thank-you message with the sender's name should be shown",
        "Submitting the form with the email 'not-an-email' must show 'Enter a valid email address'",
        "Check that an empty contact form can't be sent: the visitor sees the message 'Enter your full name'",
        "Visitors can open the Pricing page from the navigation and compare 3 plans",
        "An error appears when the form is submitted without a name",
        "Click the \"Load more\" button and make sure that ten articles are listed",
        "Type 'Milk' into the new item field, press Add and check the list contains 'Milk'",
        "The banner disappears after clicking Dismiss",
        "Clicking Dismiss hides 'We use cookies'",
        "After removing the mug, 'Ceramic Mug' is no longer shown in the cart",
        "The user signs out and the Reports link isn't displayed any more",
        "Saving shows 'Settings saved'",
        "Users who search see the results",
        "Changing the display name to 'Robin' and saving changes shows 'Settings saved'",
        "Setting the quantity to 3 updates the total to $117.00",
        "Switch to the Reviews tab",
        "Searching for 'mug' should return exactly one product",
        "Searching for 'sofa' shows no products",
        "Sorting by price (high to low) puts the Oak Table first",
        "Leaving the email empty shows the error 'Enter your email address'",
        "Submitting the form with no message gives an error",
        "Logging in with an incorrect password is rejected with 'Invalid password'",
        "Add the blanket and the carafe to the cart. The total should be $98.50",
        "As a user I want to sign in so that I can see my tasks",
        "The reports page lists 5 weeks",
        "After signing out the text 'Bye' appears",
        "After clicking Save the page says 'Saved'",
        "Save the settings. The page then says 'Settings saved'",
        "Check the About page: it should mention 'Four hundred teams'",
        "On the pricing page, 3 plans are shown",
        "Visitors can dismiss the notice",
        "Users can export the report as CSV from the File menu",
        "Enter the payment details and place the order",
        "Test that a post can be bookmarked",
        "Logged in users can mark the task 'Call the bank' as done and it moves to the Done column",
        "Add a contact with the name 'Ada' and the email 'ada@example.com' and see it in the contacts list",
        "Delete the issue 'Fix typo'. It is no longer in the list",
        "Filtering for something that does not exist shows 'Nothing found'",
        "Choosing express delivery after filling in the address raises the total to $64.00",
        "Users cannot sign up without accepting the terms",
        "An error is shown when the passwords do not match",
        "It is still Tokyo after reloading the page",
        "The 'Save' button is disabled while the comment is empty",
        "Selecting 'Closed' shows closed issues such as 'Export crashes'",
        "Clicking the Priority header sorts the table so that 'Payment fails' comes first",
        "The Save button is disabled until something changes, and saving shows 'Saved'",
        "'Join' can't be pressed until a name and an email are given and the terms are accepted",
        "Join is enabled only after the terms are accepted. Joining then shows 'Welcome'",
        "Until the form is filled in, the Send button stays disabled",
        "Check that users cannot post as long as no comment has been typed",
        "Entering a name and accepting the terms enables the Join button",
        "After filling in the form, users can send it",
        "Users cannot see the report before logging in",
        "The Delete button is disabled after it was clicked",
        "On the Contacts page the user can click 'Add contact' and see the form",
        "Check that on the 'Reviews' tab the visitor sees 'Best shoes'",
        "A shopper who looks for 'blanket' only sees the Wool Blanket",
        "Adding the Floor Lamp twice shows a total of $178.00 in the cart",
        "The products can be ordered by price; the Oak Side Table is at the top",
        "If the email address is invalid, the form shows 'Enter a valid email address' and is not sent",
        "When nothing is filled in and Send is pressed, the errors 'Enter your name' and 'Enter your email' are shown",
        "A visitor submits the form and lands on a page that thanks them by name",
        "Turning on dark mode and saving keeps it on after a reload",
        "The notice goes away when it is dismissed",
        "If a search has no results, 'No products found' is displayed: search for 'piano'",
        "The Pricing page lists the plans Starter, Team and Business",
        "Signing in with the email 'a@b.example' and the password 'nope' is not possible",
        "A password with fewer than 8 characters is rejected with 'Too short'",
        "The settings can be opened and dark mode switched on",
        "After clicking Next the visitor sees page 2 of 3",
    ];
    insta::assert_snapshot!(descriptions.map(understood).join("\n"));
}
