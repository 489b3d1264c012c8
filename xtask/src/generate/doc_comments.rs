//! Doc comments as a person writes them: `/// one line` each. The generators
//! write a whole text as one `/** */`, whose lines rustfmt indents, and what is
//! indented by four is a code block to rustdoc.

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use quote::quote;
use syn::LitStr;

pub fn one_a_line(tokens: TokenStream) -> TokenStream {
    let mut rewritten = TokenStream::new();
    let mut tokens = tokens.into_iter().peekable();
    while let Some(token) = tokens.next() {
        let is_hash = matches!(&token, TokenTree::Punct(punct) if punct.as_char() == '#');
        if is_hash && let Some(text) = tokens.peek().and_then(doc_text) {
            tokens.next();
            for line in lines(&text) {
                rewritten.extend(quote!(#[doc = #line]));
            }
            continue;
        }
        rewritten.extend([match token {
            TokenTree::Group(group) => {
                let mut inner = Group::new(group.delimiter(), one_a_line(group.stream()));
                inner.set_span(group.span());
                TokenTree::Group(inner)
            }
            other => other,
        }]);
    }
    rewritten
}

/// The text of `[doc = "text"]`.
fn doc_text(token: &TokenTree) -> Option<String> {
    let TokenTree::Group(group) = token else {
        return None;
    };
    let mut inside = group.stream().into_iter();
    let (name, equals, text) = (inside.next()?, inside.next()?, inside.next()?);
    let is_doc = group.delimiter() == Delimiter::Bracket
        && name.to_string() == "doc"
        && equals.to_string() == "=";
    is_doc
        .then(|| syn::parse2::<LitStr>(text.into()).ok())?
        .map(|text| text.value())
}

/// Each line with the space that stands after `///`; relative indents stay.
fn lines(text: &str) -> Vec<String> {
    text.trim_end()
        .split('\n')
        .map(|line| match line.trim_end() {
            "" => String::new(),
            line if line.starts_with(' ') => line.to_owned(),
            line => format!(" {line}"),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_of_several_lines_becomes_as_many_comments() {
        let before = quote! {
            #[doc = "Get it\n\nArguments:\n- `id`: which\n"]
            #[derive(Debug)]
            struct Thing { #[doc = " Said already."] #[doc = ""] #[doc = " And more."] id: i64 }
        };
        let after = quote! {
            #[doc = " Get it"]
            #[doc = ""]
            #[doc = " Arguments:"]
            #[doc = " - `id`: which"]
            #[derive(Debug)]
            struct Thing { #[doc = " Said already."] #[doc = ""] #[doc = " And more."] id: i64 }
        };
        assert_eq!(one_a_line(before).to_string(), after.to_string());
    }
}
