//! A real service that does what `bookshop-openapi-3.0.yaml` says, with
//! switches that break one clause each.

#![allow(clippy::result_large_err)]

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde_json::{Map, Value, json};

pub const TOKEN: &str = "reader-token";
pub const KEY: &str = "till-key";

/// What the service does wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    LetsAnybodyIn,
    TakesAnyToken,
    ForgetsPaymentKey,
    TakesCustomersWithoutEmail,
    TakesEmptyOrders,
    TakesQuantityZero,
    RefusesNinetyNineBooks,
    TakesUnknownFields,
    TakesNumbersForNames,
    FindsWhatIsNotThere,
    RegistersTwice,
    AnswersOkForCreated,
    LeavesOutTheStatus,
    InventsAStatus,
    DeletesTwice,
    IgnoresTheLimit,
    LeavesOutLocation,
    FailsOnBrokenJson,
}

#[derive(Default)]
struct Shop {
    customers: HashMap<String, Value>,
    orders: HashMap<String, Value>,
    payments: HashMap<u64, Value>,
    next: u64,
}

#[derive(Clone)]
struct Service {
    shop: Arc<Mutex<Shop>>,
    fault: Option<Fault>,
}

/// Serves until the runtime ends.
pub async fn serve(fault: Option<Fault>) -> SocketAddr {
    let service = Service {
        shop: Arc::default(),
        fault,
    };
    let v1 = Router::new()
        .route("/health", get(|| async { Json(json!({"status": "ok"})) }))
        .route("/sessions", post(log_in))
        .route("/books", get(list_books))
        .route("/books/{isbn}", get(read_book))
        .route("/customers", post(register))
        .route("/customers/{id}", get(read_customer))
        .route("/orders", get(find_orders).post(place_order))
        .route(
            "/orders/{id}",
            get(read_order).patch(change_order).delete(cancel_order),
        )
        .route("/orders/{id}/payments", post(pay))
        .route("/orders/{id}/payments/{payment}", get(read_payment))
        .with_state(service);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        axum::serve(listener, Router::new().nest("/v1", v1))
            .await
            .unwrap();
    });
    address
}

type Answer = Result<Response, Response>;

fn problem(status: StatusCode, title: &str) -> Response {
    (status, Json(json!({ "title": title }))).into_response()
}

fn invalid(what: &str) -> Response {
    problem(StatusCode::BAD_REQUEST, what)
}

fn missing() -> Response {
    problem(StatusCode::NOT_FOUND, "no such thing")
}

impl Service {
    fn has(&self, fault: Fault) -> bool {
        self.fault == Some(fault)
    }

    fn authorized(&self, headers: &HeaderMap) -> Result<(), Response> {
        let given = headers
            .get(header::AUTHORIZATION)
            .and_then(|it| it.to_str().ok());
        let right = match given {
            Some(given) if self.has(Fault::TakesAnyToken) => given.starts_with("Bearer "),
            Some(given) => given == format!("Bearer {TOKEN}"),
            None => false,
        };
        if right || self.has(Fault::LetsAnybodyIn) {
            return Ok(());
        }
        Err(problem(StatusCode::UNAUTHORIZED, "who are you?"))
    }

    fn object(&self, body: &Bytes) -> Result<Map<String, Value>, Response> {
        match serde_json::from_slice(body) {
            Ok(Value::Object(object)) => Ok(object),
            Ok(_) => Err(invalid("an object is needed")),
            Err(_) if self.has(Fault::FailsOnBrokenJson) && !body.is_empty() => {
                Err(problem(StatusCode::INTERNAL_SERVER_ERROR, "oops"))
            }
            Err(_) => Err(invalid("JSON is needed")),
        }
    }

    fn created(&self, value: Value) -> Response {
        let status = if self.has(Fault::AnswersOkForCreated) {
            StatusCode::OK
        } else {
            StatusCode::CREATED
        };
        (status, Json(value)).into_response()
    }
}

fn text<'b>(
    object: &'b Map<String, Value>,
    name: &str,
    least: usize,
    most: usize,
) -> Result<&'b str, Response> {
    let text = object
        .get(name)
        .and_then(Value::as_str)
        .ok_or_else(|| invalid(&format!("{name} has to be a text")))?;
    if (least..=most).contains(&text.chars().count()) {
        return Ok(text);
    }
    Err(invalid(&format!("{name} is too short or too long")))
}

fn email(object: &Map<String, Value>) -> Result<&str, Response> {
    let email = text(object, "email", 1, 200)?;
    match email.split_once('@') {
        Some((user, host)) if !user.is_empty() && host.contains('.') => Ok(email),
        _ => Err(invalid("email is no e-mail address")),
    }
}

fn isbn(isbn: &str) -> bool {
    let digits = isbn
        .strip_prefix("978-")
        .or_else(|| isbn.strip_prefix("979-"));
    digits.is_some_and(|digits| digits.len() == 10 && digits.bytes().all(|b| b.is_ascii_digit()))
}

fn uuid(number: u64) -> String {
    format!("11111111-2222-4333-8444-{number:012}")
}

async fn log_in(State(service): State<Service>, body: Bytes) -> Answer {
    let object = service.object(&body)?;
    let email = email(&object)?;
    let password = text(&object, "password", 8, 72)?;
    if (email, password) != ("reader@bookshop.example", "open-sesame") {
        return Err(problem(StatusCode::UNAUTHORIZED, "wrong"));
    }
    Ok(service.created(json!({"token": TOKEN, "expiresIn": 3600})))
}

fn books() -> Vec<Value> {
    (1..=60)
        .map(|number| {
            json!({
                "isbn": format!("978-{:010}", number),
                "title": format!("Volume {number}"),
                "price": 9.5,
                "genre": "novel",
                "subtitle": null,
            })
        })
        .collect()
}

async fn list_books(
    State(service): State<Service>,
    Query(query): Query<HashMap<String, String>>,
) -> Answer {
    let limit: usize = match query.get("limit").map(|it| it.parse()) {
        None => 20,
        Some(Ok(limit)) if (1..=50).contains(&limit) => limit,
        Some(Ok(limit)) if service.has(Fault::IgnoresTheLimit) => limit,
        Some(_) => return Err(invalid("limit")),
    };
    if let Some(genre) = query.get("genre")
        && !["novel", "poetry", "science"].contains(&genre.as_str())
    {
        return Err(invalid("genre"));
    }
    if let Some(author) = query.get("author")
        && !(2..=60).contains(&author.len())
    {
        return Err(invalid("author"));
    }
    let books: Vec<_> = books().into_iter().take(limit).collect();
    Ok(Json(json!({ "books": books })).into_response())
}

async fn read_book(State(service): State<Service>, Path(isbn): Path<String>) -> Answer {
    let book = books().into_iter().find(|book| book["isbn"] == isbn);
    match book {
        Some(book) => Ok(Json(book).into_response()),
        None if service.has(Fault::FindsWhatIsNotThere) => {
            Ok(Json(books()[0].clone()).into_response())
        }
        None => Err(missing()),
    }
}

async fn register(State(service): State<Service>, headers: HeaderMap, body: Bytes) -> Answer {
    service.authorized(&headers)?;
    let is_json = headers
        .get(header::CONTENT_TYPE)
        .and_then(|it| it.to_str().ok())
        .is_some_and(|it| it.starts_with("application/json"));
    if !is_json && !body.is_empty() {
        return Err(problem(StatusCode::UNSUPPORTED_MEDIA_TYPE, "JSON only"));
    }
    let mut object = service.object(&body)?;
    if !(service.has(Fault::TakesNumbersForNames) && object["name"].is_number()) {
        text(&object, "name", 1, 80)?;
    }
    let email = match email(&object) {
        Err(_)
            if service.has(Fault::TakesCustomersWithoutEmail) && !object.contains_key("email") =>
        {
            String::new()
        }
        other => other?.to_owned(),
    };
    if object.get("newsletter").is_some_and(|it| !it.is_boolean()) {
        return Err(invalid("newsletter"));
    }
    match object.get("address") {
        None => {}
        Some(Value::Object(address)) => {
            text(address, "street", 1, 1000)?;
            text(address, "city", 1, 1000)?;
            if address.contains_key("country") {
                let country = text(address, "country", 2, 2)?;
                if !country.bytes().all(|b| b.is_ascii_uppercase()) {
                    return Err(invalid("country"));
                }
            }
        }
        Some(_) => return Err(invalid("address")),
    }
    let mut shop = service.shop.lock().unwrap();
    let taken = shop.customers.values().any(|it| it["email"] == *email);
    if taken && !service.has(Fault::RegistersTwice) {
        return Err(problem(StatusCode::CONFLICT, "taken"));
    }
    shop.next += 1;
    let id = uuid(shop.next);
    object.insert("id".to_owned(), id.clone().into());
    shop.customers.insert(id.clone(), object.clone().into());
    let mut answer = service.created(object.into());
    if !service.has(Fault::LeavesOutLocation) {
        let location = format!("/v1/customers/{id}").parse().unwrap();
        answer.headers_mut().insert(header::LOCATION, location);
    }
    Ok(answer)
}

async fn read_customer(
    State(service): State<Service>,
    headers: HeaderMap,
    Path(id): Path<String>,
) -> Answer {
    service.authorized(&headers)?;
    let shop = service.shop.lock().unwrap();
    match shop.customers.get(&id) {
        Some(customer) => Ok(Json(customer.clone()).into_response()),
        None => Err(missing()),
    }
}

async fn place_order(State(service): State<Service>, headers: HeaderMap, body: Bytes) -> Answer {
    service.authorized(&headers)?;
    let mut order = service.object(&body)?;
    let customer = text(&order, "customerId", 36, 36)?;
    let mut shop = service.shop.lock().unwrap();
    if !shop.customers.contains_key(customer) {
        return Err(invalid("customerId names nobody"));
    }
    let lines = order
        .get("lines")
        .and_then(Value::as_array)
        .ok_or_else(|| invalid("lines"))?;
    let least = usize::from(!service.has(Fault::TakesEmptyOrders));
    if !(least..=20).contains(&lines.len()) {
        return Err(invalid("lines"));
    }
    for line in lines {
        let line = line.as_object().ok_or_else(|| invalid("line"))?;
        if !isbn(text(line, "isbn", 1, 20)?) {
            return Err(invalid("isbn"));
        }
        let quantity = line
            .get("quantity")
            .and_then(Value::as_u64)
            .ok_or_else(|| invalid("quantity"))?;
        let least = u64::from(!service.has(Fault::TakesQuantityZero));
        let most = if service.has(Fault::RefusesNinetyNineBooks) {
            98
        } else {
            99
        };
        if !(least..=most).contains(&quantity) {
            return Err(invalid("quantity"));
        }
    }
    if order.contains_key("note") {
        text(&order, "note", 0, 140)?;
    }
    if order.get("giftWrap").is_some_and(|it| !it.is_boolean()) {
        return Err(invalid("giftWrap"));
    }
    shop.next += 1;
    let id = uuid(shop.next);
    order.insert("id".to_owned(), id.clone().into());
    if service.has(Fault::InventsAStatus) {
        order.insert("status".to_owned(), "lost".into());
    } else if !service.has(Fault::LeavesOutTheStatus) {
        order.insert("status".to_owned(), "open".into());
    }
    shop.orders.insert(id, order.clone().into());
    Ok(service.created(order.into()))
}

async fn find_orders(
    State(service): State<Service>,
    headers: HeaderMap,
    Query(query): Query<HashMap<String, String>>,
) -> Answer {
    service.authorized(&headers)?;
    if let Some(status) = query.get("status")
        && !["open", "paid", "sent"].contains(&status.as_str())
    {
        return Err(invalid("status"));
    }
    let orders: Vec<_> = service
        .shop
        .lock()
        .unwrap()
        .orders
        .values()
        .cloned()
        .collect();
    Ok(Json(orders).into_response())
}

async fn read_order(
    State(service): State<Service>,
    headers: HeaderMap,
    Path(id): Path<String>,
) -> Answer {
    service.authorized(&headers)?;
    let shop = service.shop.lock().unwrap();
    match shop.orders.get(&id) {
        Some(order) => Ok(Json(order.clone()).into_response()),
        None => Err(missing()),
    }
}

async fn change_order(
    State(service): State<Service>,
    headers: HeaderMap,
    Path(id): Path<String>,
    body: Bytes,
) -> Answer {
    service.authorized(&headers)?;
    let mut shop = service.shop.lock().unwrap();
    let Some(order) = shop.orders.get_mut(&id) else {
        return Err(missing());
    };
    let change = service.object(&body)?;
    let unknown = change.keys().any(|name| name != "note");
    if unknown && !service.has(Fault::TakesUnknownFields) {
        return Err(invalid("only the note can be changed"));
    }
    order["note"] = text(&change, "note", 0, 140)?.into();
    Ok(Json(order.clone()).into_response())
}

async fn cancel_order(
    State(service): State<Service>,
    headers: HeaderMap,
    Path(id): Path<String>,
) -> Answer {
    service.authorized(&headers)?;
    let gone = service.shop.lock().unwrap().orders.remove(&id);
    if gone.is_none() && !service.has(Fault::DeletesTwice) {
        return Err(missing());
    }
    Ok(StatusCode::NO_CONTENT.into_response())
}

async fn pay(
    State(service): State<Service>,
    headers: HeaderMap,
    Path(id): Path<String>,
    body: Bytes,
) -> Answer {
    service.authorized(&headers)?;
    let key = headers.get("X-Payment-Key").map(|it| it.as_bytes());
    let right = key == Some(KEY.as_bytes())
        || service.has(Fault::ForgetsPaymentKey)
        || service.has(Fault::LetsAnybodyIn);
    if !right {
        return Err(problem(StatusCode::UNAUTHORIZED, "no key"));
    }
    let mut shop = service.shop.lock().unwrap();
    if !shop.orders.contains_key(&id) {
        return Err(missing());
    }
    let payment = service.object(&body)?;
    let amount = payment
        .get("amount")
        .and_then(Value::as_f64)
        .filter(|amount| *amount > 0.0 && *amount <= 10_000.0)
        .ok_or_else(|| invalid("amount"))?;
    let method = payment
        .get("method")
        .and_then(Value::as_object)
        .ok_or_else(|| invalid("method"))?;
    match text(method, "type", 1, 20)? {
        "card" => {
            let number = text(method, "number", 16, 16)?;
            if !number.bytes().all(|b| b.is_ascii_digit()) {
                return Err(invalid("number"));
            }
        }
        "transfer" => {
            text(method, "iban", 15, 34)?;
        }
        _ => return Err(invalid("type")),
    }
    shop.next += 1;
    let id = shop.next;
    let payment = json!({"id": id, "amount": amount});
    shop.payments.insert(id, payment.clone());
    Ok(service.created(payment))
}

async fn read_payment(
    State(service): State<Service>,
    headers: HeaderMap,
    Path((order, payment)): Path<(String, String)>,
) -> Answer {
    service.authorized(&headers)?;
    let shop = service.shop.lock().unwrap();
    let payment = payment
        .parse()
        .ok()
        .and_then(|id: u64| shop.payments.get(&id));
    match payment {
        Some(payment) if shop.orders.contains_key(&order) => {
            Ok(Json(payment.clone()).into_response())
        }
        _ => Err(missing()),
    }
}
