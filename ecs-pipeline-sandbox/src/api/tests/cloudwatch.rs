//! CloudWatch by each of its three protocols, as real clients put it on the wire.

use bytes::Bytes;

use super::*;

const CREDENTIALS: &str = "AWS4-HMAC-SHA256 …";

/// PutMetricAlarm of the alarm `a`, written by hand from RFC 8949.
const PUT: &[u8] = b"\xbf\x69AlarmName\x61a\x71EvaluationPeriods\x01\
    \x69Threshold\xfb\x40\x14\x00\x00\x00\x00\x00\x00\
    \x72ComparisonOperator\x74GreaterThanThreshold\xff";

async fn cbor(front: &Front, operation: &str, body: &'static [u8]) -> (u16, HeaderMap, Bytes) {
    let path = format!("/service/GraniteServiceVersion20100801/operation/{operation}");
    let request = Request::post(path)
        .header("authorization", CREDENTIALS)
        .header("smithy-protocol", "rpc-v2-cbor")
        .header("content-type", "application/cbor")
        .body(Body::from(body))
        .unwrap();
    let response = front.router.clone().oneshot(request).await.unwrap();
    let (parts, body) = response.into_parts();
    let body = to_bytes(body, usize::MAX).await.unwrap();
    (parts.status.as_u16(), parts.headers, body)
}

fn holds(body: &[u8], part: &[u8]) -> bool {
    body.windows(part.len()).any(|window| window == part)
}

#[tokio::test(start_paused = true)]
async fn an_alarm_crosses_the_protocols() {
    let front = front();
    let (status, headers, body) = cbor(&front, "PutMetricAlarm", PUT).await;
    assert_eq!((status, body.len()), (200, 0), "no output is no body");
    assert_eq!(headers["smithy-protocol"], "rpc-v2-cbor");
    assert!(!headers.contains_key("content-type"));

    let form = "Action=SetAlarmState&Version=2010-08-01&AlarmName=a&StateValue=ALARM&StateReason=r";
    let set = front.form(form).await;
    assert_eq!(set.status, 200, "{}", set.text());
    let form = "Action=DescribeAlarms&Version=2010-08-01&AlarmNames.member.1=a";
    let told = front.form(form).await;
    for part in [
        "<DescribeAlarmsResponse xmlns=\"http://monitoring.amazonaws.com/doc/2010-08-01/\">",
        "<StateValue>ALARM</StateValue>",
        "<Threshold>5.0</Threshold>",
        "<StateUpdatedTimestamp>1970-01-01T00:00:00.000Z",
    ] {
        assert!(told.text().contains(part), "{part}: {}", told.text());
    }

    let operation = "GraniteServiceVersion20100801.DescribeAlarms";
    let told = front.json(operation, json!({})).await;
    assert_eq!(told.headers["content-type"], "application/x-amz-json-1.0");
    assert_eq!(told.json()["MetricAlarms"][0]["StateReason"], "r");

    let (status, headers, body) = cbor(&front, "DescribeAlarms", b"\xa0").await;
    assert_eq!(status, 200);
    assert_eq!(headers["content-type"], "application/cbor");
    assert!(holds(&body, b"\x6aStateValue\x65ALARM"), "{body:?}");
    assert!(holds(&body, b"\x75StateUpdatedTimestamp\xc1"), "{body:?}");
    assert_eq!(front.calls.snapshot()["CloudWatch.DescribeAlarms"], 3);
}

#[tokio::test]
async fn errors_have_their_code_in_every_protocol() {
    let front = front();
    let (status, headers, body) =
        cbor(&front, "DeleteAlarms", b"\xa1\x6aAlarmNames\x81\x61x").await;
    assert_eq!(status, 404);
    assert_eq!(headers["x-amzn-query-error"], "ResourceNotFound;Sender");
    assert!(holds(&body, b"\x66__type\x70ResourceNotFound"), "{body:?}");

    let input = json!({ "AlarmNames": ["x"] });
    let operation = "GraniteServiceVersion20100801.DeleteAlarms";
    let error = front.json(operation, input).await;
    assert_eq!(error.status, 404);
    assert_eq!(error.json()["__type"], "ResourceNotFound");
    assert_eq!(
        error.headers["x-amzn-query-error"],
        "ResourceNotFound;Sender"
    );

    let form = "Action=DeleteAlarms&Version=2010-08-01&AlarmNames.member.1=x";
    let error = front.form(form).await;
    assert_eq!(error.status, 404);
    assert!(error.text().contains("<Code>ResourceNotFound</Code>"));

    let (status, _, body) = cbor(&front, "PutDashboard", b"").await;
    assert_eq!(status, 400);
    assert!(holds(&body, b"UnknownOperationException"), "{body:?}");
    let (_, _, body) = cbor(&front, "PutMetricAlarm", b"\x01").await;
    assert!(holds(&body, b"SerializationException"), "{body:?}");
}

#[tokio::test]
async fn cbor_of_other_services_and_without_its_header_is_refused() {
    let front = front();
    for (service, protocol) in [
        ("GraniteServiceVersion20100801", "rpc-v2-json"),
        ("Other", "rpc-v2-cbor"),
    ] {
        let request = Request::post(format!("/service/{service}/operation/DescribeAlarms"))
            .header("authorization", CREDENTIALS)
            .header("smithy-protocol", protocol)
            .body(Body::empty())
            .unwrap();
        let response = front.router.clone().oneshot(request).await.unwrap();
        assert_eq!(response.status(), 400, "{service} {protocol}");
    }
}
