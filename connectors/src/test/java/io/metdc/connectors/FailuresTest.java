package io.metdc.connectors;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.metdc.market.DisconnectCause;
import io.metdc.market.Exchange;
import io.metdc.market.Failure;
import io.metdc.market.Market;
import io.metdc.market.MarketType;
import java.io.IOException;
import java.net.http.HttpHeaders;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/// What every exchange's codes come to, row by row as its protocol document has them, and that
/// docs/failures.md says so.
///
/// A row: where, the status or close code, a header or "", the body or frame with `'` for quotes, what
/// comes of it. Of a
/// ban its length in seconds (`?` when nobody states it) and what it keeps away from; of a frame also
/// whom it blames.
class FailuresTest {
    private static final Instant NOW = Instant.parse("2026-10-26T12:00:00Z"); // 1793016000000
    private static final Path DOCUMENT = Path.of("..", "docs", "failures.md");

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "REST      | 429  | Retry-After: 37  | {'code':-1003,'msg':'Too many requests'}                | ban 37 SAME",
                "REST      | 429  |                  | {'code':-1003,'msg':'Too many requests'}                | ban 20? SAME",
                "REST      | 418  | Retry-After: 120 | {'code':-1003,'msg':'banned until 1793016300000.'}      | ban 301 EXCHANGE",
                "REST      | 418  |                  | {'code':-1003,'msg':'banned until 1793016300000.'}      | ban 301 EXCHANGE",
                "REST      | 418  | Retry-After: 120 |                                                         | ban 120 EXCHANGE",
                "REST      | 418  |                  | {'code':-1003,'msg':'banned'}                           | ban 120? EXCHANGE",
                "REST      | 429  | Retry-After: Mon, 26 Oct 2026 12:00:41 GMT | {}                            | ban 41 SAME",
                "REST      | 429  | Retry-After: Mon, 26 Oct 2026 11:00:41 GMT | {}                            | ban 1 SAME",
                "handshake | 418  | Retry-After: Mon, 26 Oct 2026 13:00:00 GMT |                               | ban 3600 EXCHANGE",
                "REST      | 418  | Retry-After: 259200 |                                                      | ban 259200 EXCHANGE",
                "REST      | 403  |                  | {'code':0}                                              | ban 20? EXCHANGE",
                "REST      | 403  |                  | <html>                                                  | blocked",
                "REST      | 451  |                  | {'code':0,'msg':'restricted location'}                  | blocked",
                "REST      | 400  |                  | {'code':-1121,'msg':'Invalid symbol.'}                  | fatal",
                "REST      | 400  |                  | {'code':-1130,'msg':'limit'}                            | fatal",
                "REST      | 401  |                  | {'code':-2014,'msg':'API-key format invalid.'}          | fatal",
                "REST      | 404  |                  |                                                         | fatal",
                "REST      | 503  |                  |                                                         | recoverable",
                "REST      | 503  | Retry-After: 9   |                                                         | ban 9 SAME",
                "REST      | 500  |                  | {'code':-1000}                                          | recoverable",
                "handshake | 429  | Retry-After: 37  |                                                         | ban 37 SAME",
                "handshake | 418  | Retry-After: 37  |                                                         | ban 37 EXCHANGE",
                "handshake | 403  | Content-Type: text/html |                                                  | blocked",
                "handshake | 403  |                  |                                                         | ban 20? EXCHANGE",
                "handshake | 451  |                  |                                                         | blocked",
                "handshake | 404  |                  |                                                         | fatal",
                "handshake | 502  |                  |                                                         | recoverable",
                "close     | 1008 |                  |                                                         | ban 30 CONNECTION",
                "close     | 1001 |                  |                                                         | recoverable",
                "close     | 1006 |                  |                                                         | recoverable",
                "frame     |      |                  | {'error':{'code':0,'msg':'x'},'id':1}                   | recoverable Request",
                "frame     |      |                  | {'error':{'code':1,'msg':'x'},'id':1}                   | recoverable Request",
                "frame     |      |                  | {'error':{'code':2,'msg':'x'},'id':1}                   | recoverable Request",
                "frame     |      |                  | {'code':2,'msg':'x','id':1}                             | recoverable Request",
                "frame     |      |                  | {'error':{'code':3,'msg':'EOF at column 4096'},'id':1}  | recoverable OneOfThem",
                "frame     |      |                  | {'error':{'code':4,'msg':'x'},'id':1}                   | recoverable Room",
                "frame     |      |                  | {'e':'serverShutdown','E':1793016000000000}             | closing",
            })
    void binance(String where, String code, String header, String body, String expected) {
        check(Exchange.BINANCE, where, code, header, body, expected);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "REST      | 403  |                  | access too frequent                                     | ban 600 EXCHANGE",
                "REST      | 403  | X-Bapi-Limit-Reset-Timestamp: 1793016004200 | access too frequent          | ban 600 EXCHANGE",
                "REST      | 403  |                  | <html>                                                  | blocked",
                "REST      | 200  | X-Bapi-Limit-Reset-Timestamp: 1793016004200 | {'retCode':10006}            | ban 5 REQUESTS",
                "REST      | 200  |                  | {'retCode':10006}                                       | ban 20? REQUESTS",
                "REST      | 429  |                  |                                                         | ban 20? REQUESTS",
                "REST      | 200  |                  | {'retCode':10429}                                       | ban 20? REQUESTS",
                "REST      | 200  |                  | {'retCode':10018}                                       | ban 600 EXCHANGE",
                "REST      | 200  |                  | {'retCode':10001,'retMsg':'symbol invalid'}             | fatal",
                "REST      | 200  |                  | {'retCode':10016}                                       | recoverable",
                "REST      | 500  |                  |                                                         | recoverable",
                "handshake | 403  |                  |                                                         | ban 600 EXCHANGE",
                "handshake | 403  | Content-Type: text/html; charset=utf-8 |                                   | blocked",
                "close     | 1008 |                  |                                                         | recoverable",
                "frame     |      |                  | {'success':false,'ret_msg':'Invalid symbol :[publicTrade.X]','req_id':'1','op':'subscribe'} | recoverable Symbol X",
                "frame     |      |                  | {'success':false,'ret_msg':'error:handler not found,topic:publicTrade.X','req_id':'1','op':'subscribe'} | recoverable Symbol X",
                "frame     |      |                  | {'success':false,'ret_msg':'error:already subscribed,topic:publicTrade.X','req_id':'1','op':'subscribe'} | recoverable Already X",
                "frame     |      |                  | {'success':false,'ret_msg':'args size >10','req_id':'1','op':'subscribe'} | recoverable OneOfThem",
            })
    void bybit(String where, String code, String header, String body, String expected) {
        check(Exchange.BYBIT, where, code, header, body, expected);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "REST      | 429  |                  | {'code':'50011','msg':'Too Many Requests'}              | ban 20? REQUESTS",
                "REST      | 200  |                  | {'code':'50011','msg':'Too Many Requests'}              | ban 20? REQUESTS",
                "REST      | 200  | Retry-After: 7   | {'code':'50011','msg':'Too Many Requests'}              | ban 7 REQUESTS",
                "REST      | 503  |                  | {'code':'50001','msg':'x'}                              | recoverable",
                "REST      | 200  |                  | {'code':'50013','msg':'x'}                              | recoverable",
                "REST      | 200  |                  | {'code':'50026','msg':'x'}                              | recoverable",
                "REST      | 200  |                  | {'code':'51001','msg':'x'}                              | fatal",
                "REST      | 400  |                  | {'code':'51000','msg':'x'}                              | fatal",
                "handshake | 429  |                  |                                                         | ban 20? REQUESTS",
                "handshake | 403  | Content-Type: text/html |                                                  | blocked",
                "close     | 1009 |                  |                                                         | recoverable",
                "close     | 4001 |                  |                                                         | fatal",
                "close     | 4002 |                  |                                                         | recoverable",
                "close     | 4003 |                  |                                                         | fatal",
                "close     | 4004 |                  |                                                         | recoverable",
                "close     | 4005 |                  |                                                         | recoverable",
                "close     | 4006 |                  |                                                         | recoverable",
                "close     | 4007 |                  |                                                         | fatal",
                "close     | 4008 |                  |                                                         | recoverable",
                "close     | 4009 |                  |                                                         | recoverable",
                "frame     |      |                  | {'event':'error','code':'60012','msg':'x','id':'1'}     | recoverable Request",
                "frame     |      |                  | {'event':'error','code':'60013','msg':'x','id':'1'}     | recoverable OneOfThem",
                "frame     |      |                  | {'event':'error','code':'60014','msg':'x','id':'1'}     | recoverable Moment",
                "frame     |      |                  | {'event':'error','code':'64007','msg':'x','id':'1'}     | recoverable Moment",
                "frame     |      |                  | {'event':'error','code':'60018','msg':'channel:trades-all,instId:X-USDT doesn~t exist','id':'1'} | recoverable Symbol X-USDT",
                "frame     |      |                  | {'event':'error','code':'60019','msg':'x','id':'1'}     | recoverable Request",
                "frame     |      |                  | {'event':'error','code':'60027','msg':'x','id':'1'}     | recoverable Request",
                "frame     |      |                  | {'event':'error','code':'64000','msg':'x','id':'1'}     | recoverable Request",
                "frame     |      |                  | {'event':'error','code':'60011','msg':'x','id':'1'}     | fatal Request",
                "frame     |      |                  | {'event':'error','code':'60008','msg':'x','id':'1'}     | fatal Request",
                "frame     |      |                  | {'event':'error','code':'60028','msg':'x','id':'1'}     | fatal Request",
                "frame     |      |                  | {'event':'error','code':'64001','msg':'x','id':'1'}     | fatal Request",
                "frame     |      |                  | {'event':'error','code':'64002','msg':'x','id':'1'}     | fatal Request",
                "frame     |      |                  | {'event':'error','code':'64003','msg':'x','id':'1'}     | fatal Request",
                "frame     |      |                  | {'event':'error','code':'60004','msg':'x','id':'1'}     | recoverable Request",
                "frame     |      |                  | {'event':'error','code':'63999','msg':'x','id':'1'}     | recoverable Request",
                "frame     |      |                  | {'event':'notice','code':'64008','msg':'x'}             | closing",
                "frame     |      |                  | {'event':'channel-conn-count-error','channel':'trades-all'} | recoverable Request",
            })
    void okx(String where, String code, String header, String body, String expected) {
        check(Exchange.OKX, where, code, header, body, expected);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "REST      | 429  | gw-ratelimit-reset: 28001 | {'code':'429000'}                              | ban 28.001 SAME",
                "REST      | 429  |                  | {'code':'429000'}                                       | recoverable",
                "REST      | 429  |                  | {}                                                      | ban 20? SAME",
                "REST      | 429  |                  | {'code':'1015'}                                         | ban 20? EXCHANGE",
                "REST      | 403  |                  | <html>                                                  | blocked",
                "REST      | 200  |                  | {'code':'200003','msg':'Invalid symbol.'}               | fatal",
                "REST      | 200  |                  | {'code':'404000'}                                       | fatal",
                "REST      | 200  |                  | {'code':'405000','msg':'Method Not Allowed'}            | fatal",
                "REST      | 404  |                  |                                                         | fatal",
                "REST      | 500  |                  | {'code':'500000'}                                       | recoverable",
                "handshake | 401  |                  |                                                         | recoverable",
                "handshake | 400  |                  |                                                         | fatal",
                "handshake | 429  |                  |                                                         | ban 20? SAME",
                "close     | 1000 |                  |                                                         | recoverable",
                "close     | 1001 |                  |                                                         | recoverable",
                "close     | 1006 |                  |                                                         | recoverable",
                "frame     |      |                  | {'id':'1','type':'error','code':400,'data':'x'}         | recoverable OneOfThem",
                "frame     |      |                  | {'id':'1','type':'error','code':401,'data':'x'}         | recoverable Connection",
                "frame     |      |                  | {'id':'1','type':'error','code':403,'data':'x'}         | recoverable Request",
                "frame     |      |                  | {'id':'1','type':'error','code':404,'data':'x'}         | recoverable OneOfThem",
                "frame     |      |                  | {'id':'1','type':'error','code':406,'data':'x'}         | recoverable Request",
                "frame     |      |                  | {'id':'1','type':'error','code':415,'data':'x'}         | recoverable Request",
                "frame     |      |                  | {'id':'1','type':'error','code':500,'data':'x'}         | recoverable Moment",
                "frame     |      |                  | {'id':'1','type':'error','code':509,'data':'exceed max subscription count limitation of 100 per time'} | recoverable OneOfThem",
                "frame     |      |                  | {'id':'1','type':'error','code':509,'data':'exceed max subscription count limitation of 400 per session'} | recoverable Room",
                "frame     |      |                  | {'id':'1','type':'error','code':509,'data':'exceed max permits per second'} | recoverable Moment",
            })
    void kucoin(String where, String code, String header, String body, String expected) {
        check(Exchange.KUCOIN, where, code, header, body, expected);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "REST      | 429  | X-Gate-RateLimit-Reset-Timestamp: 1793016004 | {'label':'TOO_MANY_REQUESTS','message':'x'} | ban 5 SAME",
                "REST      | 429  |                  | {'label':'TOO_MANY_REQUESTS','message':'x'}             | ban 20? SAME",
                "REST      | 400  |                  | {'label':'INVALID_CURRENCY_PAIR','message':'x'}         | fatal",
                "REST      | 502  |                  | {'label':'SERVER_ERROR','message':'x'}                  | recoverable",
                "handshake | 404  |                  |                                                         | fatal",
                "close     | 1006 |                  |                                                         | recoverable",
                "close     | 1008 |                  |                                                         | recoverable",
                "frame     |      |                  | {'id':1,'channel':'spot.trades','event':'subscribe','error':{'code':2,'message':'unknown currency pair: X_USDT'},'result':{'status':'fail'}} | recoverable Symbol X_USDT",
                "frame     |      |                  | {'id':1,'channel':'spot.trades','event':'subscribe','error':{'code':2,'message':'x'},'result':{'status':'fail'}} | recoverable OneOfThem",
                "frame     |      |                  | {'channel':'','event':'','error':{'code':1,'message':'request payload does not follow json schema'},'result':null} | recoverable Request",
                "frame     |      |                  | {'id':1,'channel':'spot.trades','event':'subscribe','error':{'code':3,'message':'x'},'result':null} | recoverable Moment",
                "frame     |      |                  | {'id':1,'channel':'spot.trades','event':'subscribe','error':{'code':4,'message':'x'},'result':null} | recoverable Request",
                "frame     |      |                  | {'channel':'spot.system','event':'update','result':{'type':'upgrade','msg':'x'}} | closing",
            })
    void gate(String where, String code, String header, String body, String expected) {
        check(Exchange.GATE, where, code, header, body, expected);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "REST      | 429  | x-ratelimit-retry-after: 51 |                                              | ban 51 REQUESTS",
                "REST      | 429  |                  |                                                         | ban 300 REQUESTS",
                "REST      | 500  |                  | {'error':{'code':6001,'message':'invalid argument'},'id':null,'result':null} | fatal",
                "REST      | 500  |                  |                                                         | recoverable",
                "REST      | 403  |                  |                                                         | fatal",
                "REST      | 403  |                  | <html>                                                  | blocked",
                "handshake | 429  |                  |                                                         | ban 300 SAME",
                "close     | 1006 |                  |                                                         | recoverable",
                "frame     |      |                  | {'error':{'code':6001,'message':'invalid argument'},'id':1,'result':null} | recoverable OneOfThem",
                "frame     |      |                  | {'error':{'code':6015,'message':'subscription limit exceeded'},'id':1,'result':null} | recoverable Room",
            })
    void phemex(String where, String code, String header, String body, String expected) {
        check(Exchange.PHEMEX, where, code, header, body, expected);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "REST      | 429  | Remaining-Req: group=market; min=1; sec=0 | {'name':'too_many_requests'}   | ban 1 SAME",
                "REST      | 418  |                  | {'name':'x','message':'blocked for 30 seconds'}         | ban 30 SAME",
                "REST      | 418  |                  | {'name':'x','message':'5분'}                             | ban 300 SAME",
                "REST      | 418  |                  | {}                                                      | ban 20? SAME",
                "REST      | 404  |                  | {}                                                      | fatal",
                "handshake | 429  |                  |                                                         | ban 1 SAME",
                "handshake | 418  | Retry-After: 60  |                                                         | ban 60 SAME",
                "close     | 1006 |                  |                                                         | recoverable",
                "frame     |      |                  | {'error':{'name':'INVALID_AUTH','message':'x'}}         | recoverable Request",
                "frame     |      |                  | {'error':{'name':'INVALID_PARAM','message':'x'}}        | recoverable Request",
                "frame     |      |                  | {'error':{'name':'NO_CODES','message':'x'}}             | recoverable Request",
                "frame     |      |                  | {'error':{'name':'NO_TICKET','message':'x'}}            | recoverable Request",
                "frame     |      |                  | {'error':{'name':'NO_TYPE','message':'x'}}              | recoverable Request",
                "frame     |      |                  | {'error':{'name':'WRONG_FORMAT','message':'x'}}         | recoverable Request",
            })
    void upbit(String where, String code, String header, String body, String expected) {
        check(Exchange.UPBIT, where, code, header, body, expected);
    }

    private static void check(
            Exchange exchange, String where, String code, String header, String body, String expected) {
        Connector connector =
                Connectors.of(new Market(exchange, MarketType.SPOT)).orElseThrow();
        Classification classification = Classification.of(connector, InstantSource.fixed(NOW));
        String text = body == null ? "" : body.replace('\'', '"').replace('~', '\'');
        assertThat(
                        switch (where) {
                            case "REST" -> {
                                Http.Answered answer = answered(code, header, text);
                                Failure failure = answer.status() == 200
                                        ? classification.success(answer, "here")
                                        : classification.answer(answer, "here");
                                yield failure == null ? "recoverable" : words(failure);
                            }
                            case "handshake" -> words(classification.handshake(answered(code, header, text), "here"));
                            case "close" ->
                                words(classification.close(
                                        Integer.parseInt(code), "here", DisconnectCause.CLOSED_BY_EXCHANGE));
                            default -> words(connector.read(Frame.of(text, 0), SymbolTable.any(connector.market())));
                        })
                .isEqualTo(expected);
    }

    private static Http.Answered answered(String status, String header, String body) {
        Map<String, List<String>> headers = header == null
                ? Map.of()
                : Map.of(
                        header.substring(0, header.indexOf(':')),
                        List.of(header.substring(header.indexOf(':') + 1).strip()));
        return new Http.Answered(
                Integer.parseInt(status), HttpHeaders.of(headers, (_, _) -> true), body.getBytes(UTF_8));
    }

    private static String words(Failure failure) {
        return switch (failure) {
            case Failure.Ban ban ->
                "ban " + (ban.pause().toMillis() / 1000.0 + "").replaceAll("\\.0$", "") + (ban.isStated() ? " " : "? ")
                        + ban.extent();
            case Failure.Fatal fatal -> {
                assertThat(fatal.what().contains("network.proxy")).isEqualTo(fatal.isBlock());
                yield fatal.isBlock() ? "blocked" : "fatal";
            }
            case Failure.Recoverable _ -> "recoverable";
        };
    }

    private static String words(Message message) {
        return switch (message) {
            case Message.Closing _ -> "closing";
            case Message.Refused refused ->
                words(refused.failure()) + " " + refused.blame().getClass().getSimpleName()
                        + switch (refused.blame()) {
                            case Blame.Symbol(String symbol) -> " " + symbol;
                            case Blame.Already(String symbol) -> " " + symbol;
                            case Blame.OneOfThem _, Blame.Request _, Blame.Moment _, Blame.Room _, Blame.Connection _ ->
                                "";
                        };
            case Message.Rows _,
                    Message.Unnumbered _,
                    Message.Acknowledged _,
                    Message.Named _,
                    Message.Greeting _,
                    Message.Ignored _,
                    Message.Unreadable _ -> message.toString();
        };
    }

    @ParameterizedTest
    @EnumSource(Exchange.class)
    void both_markets_of_an_exchange_have_the_same_codes(Exchange exchange) {
        assertThat(Connectors.all().stream()
                        .filter(connector -> connector.market().exchange() == exchange)
                        .map(Connector::codes)
                        .distinct())
                .hasSize(1);
    }

    @Test
    void the_document_lists_what_the_connectors_do() throws IOException {
        String tables = tables();
        String written = Files.exists(DOCUMENT) ? Files.readString(DOCUMENT) : "";
        if (!written.endsWith(tables)) {
            Path right = Path.of("target", "failures-tables.md");
            Files.createDirectories(right.toAbsolutePath().getParent());
            Files.writeString(right, tables);
        }
        assertThat(written.endsWith(tables))
                .as("docs/failures.md ends with what connectors/target/failures-tables.md has")
                .isTrue();
    }

    private static String tables() {
        StringBuilder text = new StringBuilder("## Everywhere\n\n").append(table(Codes.COMMON));
        for (Exchange exchange : Exchange.values()) {
            Codes codes = Connectors.all().stream()
                    .filter(connector -> connector.market().exchange() == exchange)
                    .findFirst()
                    .orElseThrow()
                    .codes();
            text.append("\n## ").append(exchange.id()).append("\n\n").append(table(codes));
        }
        return text.toString();
    }

    private static String table(Codes codes) {
        StringBuilder text =
                new StringBuilder("| where | code | meaning | class | reaction |\n|---|---|---|---|---|\n");
        Map<String, String> codesOf = new LinkedHashMap<>(); // by the rest of their line, which the same codes share
        for (Code row : codes.rows()) {
            boolean isHttp = row.where() == Code.Where.STATUS || row.where() == Code.Where.HANDSHAKE;
            Code.Where other = row.where() == Code.Where.STATUS ? Code.Where.HANDSHAKE : Code.Where.STATUS;
            Code twin = isHttp ? codes.find(other, row.code()) : null;
            boolean isSame = twin != null && twin.reaction().equals(row.reaction());
            if (isSame && row.where() == Code.Where.HANDSHAKE) {
                continue;
            }
            String where = isSame ? "REST status, handshake" : row.where().words();
            String line = String.format(
                    Locale.ROOT,
                    "| %s | %%s | %s | %s | %s |%n",
                    where,
                    row.meaning(),
                    row.reaction().failureClass(),
                    row.reaction().words());
            codesOf.merge(line, "`" + row.code() + "`", (before, code) -> before + " " + code);
        }
        codesOf.forEach((line, shown) -> text.append(String.format(Locale.ROOT, line, shown)));
        return text.toString();
    }
}
