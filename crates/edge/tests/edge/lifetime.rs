//! Connections: too many of them, and the edge's own end.

use std::time::{Duration, Instant};

use qualitymax_edge::Limits;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::raw::{read_until, rest, send};
use crate::{Running, quick};

#[tokio::test]
async fn a_connection_too_many_is_503_and_there_is_room_again_later() {
    let limits = Limits {
        connections: 2,
        head_time: Duration::from_secs(30),
        ..quick()
    };
    let edge = Running::start(limits).await;
    let health = "GET /healthz HTTP/1.1\r\nhost: a\r\n\r\n";
    let mut kept = Vec::new();
    for _ in 0..2 {
        let mut stream = TcpStream::connect(edge.address).await.unwrap();
        stream.write_all(health.as_bytes()).await.unwrap();
        read_until(&mut stream, "fine").await;
        kept.push(stream);
    }
    let mut third = TcpStream::connect(edge.address).await.unwrap();
    let answer = rest(&mut third).await;
    assert_eq!(answer.header("retry-after"), Some("1"));
    assert_eq!(
        answer.refusal(),
        (
            503,
            "Too many open connections. Try again later.".to_owned()
        )
    );
    drop((kept, third));
    tokio::time::sleep(Duration::from_millis(300)).await;
    let request = "GET /healthz HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n";
    assert_eq!(send(edge.address, request).await.body, "fine");
}

#[tokio::test]
async fn when_told_to_stop_it_answers_what_is_under_way() {
    let edge = Running::start(quick()).await;
    let mut idle = TcpStream::connect(edge.address).await.unwrap();
    let mut busy = TcpStream::connect(edge.address).await.unwrap();
    let request = "GET /api/v1/partner/jobs/slow/report HTTP/1.1\r\nhost: a\r\n\r\n";
    busy.write_all(request.as_bytes()).await.unwrap();
    tokio::time::sleep(Duration::from_millis(100)).await;

    let began = Instant::now();
    edge.stop.cancel();
    let answer = rest(&mut busy).await;
    assert_eq!((answer.status(), answer.body.as_str()), (200, "\"slow\""));
    let mut nothing = Vec::new();
    idle.read_to_end(&mut nothing).await.unwrap();
    assert!(nothing.is_empty());
    drop((idle, busy));
    edge.served.await.unwrap();
    assert!(began.elapsed() < Duration::from_secs(4));
    assert!(TcpStream::connect(edge.address).await.is_err());
}
