package io.metdc.connectors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.metdc.connectors.InstrumentPage.Listing;
import io.metdc.market.Exchange;
import io.metdc.market.Instrument;
import io.metdc.market.Market;
import io.metdc.market.MarketType;
import io.metdc.market.Origin;
import io.metdc.market.RejectReason;
import io.metdc.market.Rejected;
import io.metdc.market.Row;
import io.metdc.market.TakerSide;
import io.metdc.market.Trade;
import io.metdc.market.TradeId;
import java.math.BigDecimal;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class KucoinTest {
    private static final Market SPOT = new Market(Exchange.KUCOIN, MarketType.SPOT);
    private static final Market FUTURES = new Market(Exchange.KUCOIN, MarketType.FUTURES);
    private static final long RECEIVED = 1_795_012_346_200_000_000L;

    private final Connector spot = Connectors.of(SPOT).orElseThrow();
    private final Connector futures = Connectors.of(FUTURES).orElseThrow();
    private final Instrument solSpot = Instrument.of(SPOT, "SOL-USDT", "SOL", "USDT");
    private final SymbolTable spotTable =
            new SymbolTable(List.of(solSpot, Instrument.of(SPOT, "GALAX-USDT", "GALA", "USDT")));
    private final Map<String, Listing> spotListings = listings(spot, "kucoin/spot-instruments.json");
    private final Map<String, Listing> futuresListings = listings(futures, "kucoin/futures-instruments.json");
    private final SymbolTable futuresTable = new SymbolTable(futuresListings.values().stream()
            .filter(listing -> listing.instrument() != null)
            .map(Listing::instrument)
            .toList());

    // ---- trades

    @Test
    void a_spot_trade_is_read_as_the_exchange_wrote_it() {
        assertThat(trade(spot(0)))
                .isEqualTo(new Trade(
                        solSpot,
                        TradeId.of(24_793_081_206_521_856L),
                        new BigDecimal("187.430"),
                        new BigDecimal("3.20000"),
                        TakerSide.BUY,
                        1_795_012_346_123_000_000L,
                        RECEIVED,
                        Trade.NO_SEQUENCE,
                        Origin.STREAM,
                        Set.of()));
    }

    @Test
    void ids_above_what_a_double_holds_keep_their_last_digit() {
        assertThat(trade(spot(0)).id()).isEqualTo(TradeId.of("24793081206521856"));
        assertThat(trade(spot(1)).id()).isEqualTo(TradeId.of("24793081206521861"));
    }

    @Test
    void any_order_of_keys_escapes_and_unknown_objects_that_repeat_names_are_read() {
        Trade trade = trade(spot(1));

        assertThat(trade.instrument()).isEqualTo(solSpot);
        assertThat(trade.takerSide()).isEqualTo(TakerSide.SELL);
        assertThat(trade.price()).isEqualTo(new BigDecimal("0.000000000001"));
        assertThat(trade.size()).isEqualTo(new BigDecimal("12345678901234567890.5"));
    }

    @Test
    void ids_of_24_hex_digits_times_as_numbers_and_exponents_are_read() {
        Trade trade = trade(spot(2));

        assertThat(trade.id()).isEqualTo(TradeId.of("7a97d4812e113d292303a18b"));
        assertThat(trade.executedAtNanos()).isEqualTo(1_795_012_346_130_760_468L);
        assertThat(trade.price()).isEqualByComparingTo("0.015");
        assertThat(trade.size()).isEqualByComparingTo("1500");
    }

    @Test
    void gaps_of_the_numbers_mean_nothing_since_the_order_book_shares_them() {
        assertThat(trade(spot(1)).sequence()).isEqualTo(Trade.NO_SEQUENCE);
        assertThat(spot.evidence()).isEqualTo(new Evidence.ByUnbrokenConnection(true));
    }

    @Test
    void a_futures_trade_has_its_time_under_another_name_and_numbers_where_spot_has_texts() {
        Trade trade = trade(futures(0));

        assertThat(trade.id()).isEqualTo(TradeId.of(1_999_648_200_120L));
        assertThat(trade.takerSide()).isEqualTo(TakerSide.BUY);
        assertThat(trade.executedAtNanos()).isEqualTo(1_795_012_346_123_000_000L);
        assertThat(trade.size()).isEqualTo(new BigDecimal("2"));
        assertThat(trade(futures(1)).price()).isEqualByComparingTo("187");
    }

    @ParameterizedTest
    @CsvSource({"0, 0.002", "1, 1.6", "2, 1560000", "3, 0.0007"})
    void lots_times_multiplier_are_base_units(int line, BigDecimal quantity) {
        assertThat(trade(futures(line)).quantity()).isEqualByComparingTo(quantity);
    }

    @Test
    void lots_mean_nothing_without_the_list_of_contracts() {
        assertThat(futures.needsInstruments()).isTrue();
        assertThat(spot.needsInstruments()).isFalse();
    }

    @Test
    void symbols_that_are_not_collected_are_rejected_as_such() {
        assertThat(row(spot(3)))
                .isInstanceOfSatisfying(
                        Rejected.class,
                        rejected -> assertThat(rejected.reason()).isEqualTo(RejectReason.UNKNOWN_INSTRUMENT));
        assertThat(row(futures(4)))
                .isInstanceOfSatisfying(
                        Rejected.class,
                        rejected -> assertThat(rejected.detail()).contains("XBTUSDM"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "'price':'1'    | 'price':null",
                "'price':'1'    | 'price':'0.0'",
                "'price':'1'    | 'price':'-1'",
                "'price':'1'    | 'price':['1']",
                "'price':'1',   | nothing",
                "'size':'2'     | 'size':'x'",
                "'size':'2',    | nothing",
                "'side':'buy'   | 'side':'BUYS'",
                "'side':'buy'   | 'side':true",
                "'side':'buy',  | nothing",
                "'tradeId':'3'  | 'tradeId':''",
                "'tradeId':'3'  | 'tradeId':null",
                "'tradeId':'3'  | 'tradeId':1.5",
                "'tradeId':'3'  | 'tradeId':-3",
                "'tradeId':'3'  | 'tradeId':'a\\u0000b'",
                "'time':'1795012346123000000' | 'time':null",
                "'time':'1795012346123000000' | 'time':'soon'",
                "'time':'1795012346123000000' | 'time':99999999999999999999",
                "'time':'1795012346123000000' | 'ts':1795012346123000000",
                "'symbol':'SOL-USDT' | 'symbol':7",
            })
    void a_bad_field_rejects_the_row_and_shows_it(String good, String bad) {
        String frame = ("{'topic':'/market/match:SOL-USDT','subject':'trade.l3match','data':{'symbol':'SOL-USDT',"
                + "'price':'1','size':'2','side':'buy','tradeId':'3','time':'1795012346123000000'}}");
        String wrong = frame.replace(good, bad.equals("nothing") ? "" : bad);
        assertThat(wrong).isNotEqualTo(frame);
        assertThat(trade(spot.read(frame(frame.replace('\'', '"')), spotTable)).price())
                .isEqualByComparingTo("1");

        assertThat(row(spot.read(frame(wrong.replace('\'', '"')), spotTable)))
                .isInstanceOfSatisfying(Rejected.class, rejected -> {
                    assertThat(rejected.reason()).isIn(RejectReason.MALFORMED, RejectReason.UNKNOWN_INSTRUMENT);
                    assertThat(rejected.detail()).matches("(?s)no (whole trade|instrument): .+");
                });
    }

    @ParameterizedTest
    @ValueSource(strings = {"1795012346123", "1795012346123000"})
    void a_time_in_milliseconds_or_microseconds_would_store_a_trade_twice(String time) {
        String frame = Resources.lines("kucoin/spot.jsonl").getFirst().replace("1795012346123000000", time);

        assertThat(row(spot.read(frame(frame), spotTable)))
                .isInstanceOfSatisfying(
                        Rejected.class,
                        rejected -> assertThat(rejected.reason()).isEqualTo(RejectReason.TIME_UNIT));
    }

    @ParameterizedTest
    @ValueSource(strings = {"null", "\"text\"", "[]", "[{\"symbol\":\"SOL-USDT\"}]", "7"})
    void a_trade_without_its_object_is_counted_as_unreadable(String data) {
        String frame = "{\"topic\":\"/market/match:SOL-USDT\",\"subject\":\"trade.l3match\",\"data\":" + data + "}";

        assertThat(spot.read(frame(frame), spotTable)).isInstanceOf(Message.Unreadable.class);
        assertThat(spot.read(frame("[" + frame + "]"), spotTable)).isInstanceOf(Message.Unreadable.class);
    }

    // ---- other messages

    @Test
    void an_answer_is_known_by_its_number_though_it_comes_back_as_text() {
        assertThat(control(0)).isEqualTo(new Message.Acknowledged(7));
        assertThat(control(1)).isEqualTo(new Message.Acknowledged(8));
    }

    @Test
    void the_welcome_is_the_word_to_begin() {
        assertThat(spot.greets()).isTrue();
        assertThat(control(2)).isEqualTo(Message.Greeting.INSTANCE);
    }

    @ParameterizedTest
    @CsvSource({
        "3, 9, OneOfThem, 404",
        "4, 10, OneOfThem, topic is invalid",
        "5, -1, OneOfThem, ping timeout",
        "6, 11, Connection, token is expired",
        "7, -1, Connection, token is invalid",
        "8, 12, Room, 400 per session",
        "9, 13, OneOfThem, 100 per time",
        "10, 14, Moment, max permits",
        "11, 15, Moment, 500",
        "12, 16, Request, login",
        "13, 17, Request, error",
    })
    void an_error_says_by_its_code_what_is_to_be_done(int line, long request, String blame, String words) {
        Message.Refused refused = (Message.Refused) control(line);

        assertThat(refused.request()).isEqualTo(request);
        assertThat(refused.blame().getClass().getSimpleName()).isEqualTo(blame);
        assertThat(refused.failure().what()).contains("kucoin-spot", words);
    }

    @Test
    void pongs_other_channels_and_notices_without_a_type_are_ignored_on_both_markets() {
        List<String> lines = Resources.lines("kucoin/control.jsonl");

        assertThat(lines.subList(14, lines.size()))
                .hasSize(12)
                .allSatisfy(line -> assertThat(spot.read(frame(line), SymbolTable.any(SPOT)))
                        .isInstanceOf(Message.Ignored.class))
                .allSatisfy(line -> assertThat(futures.read(frame(line), SymbolTable.any(FUTURES)))
                        .isInstanceOf(Message.Ignored.class));
    }

    @Test
    void a_trade_of_the_other_market_is_none_of_this_one() {
        assertThat(futures.read(frame(Resources.lines("kucoin/spot.jsonl").getFirst()), futuresTable))
                .isInstanceOf(Message.Ignored.class);
        assertThat(spot.read(frame(Resources.lines("kucoin/futures.jsonl").getFirst()), spotTable))
                .isInstanceOf(Message.Ignored.class);
    }

    // ---- ticket, address, requests

    @Test
    void the_token_of_the_answer_opens_the_server_of_the_answer_and_its_slash_stays() throws Exception {
        Endpoint endpoint = spot.endpoint(null, "kucoin-spot-1-1795012346000", Resources.bytes("kucoin/ticket.json"));

        assertThat(endpoint.address())
                .hasToString("wss://ws-api-spot.example/?token=2neAbc-_123=.gJE_L-X=="
                        + "&connectId=kucoin-spot-1-1795012346000");
        assertThat(endpoint.heartbeat()).isEqualTo(Duration.ofSeconds(18));
        assertThat(endpoint.silence()).isEqualTo(Duration.ofSeconds(28));
    }

    @ParameterizedTest
    @CsvSource({
        "wss://a.example/,          wss://a.example/?token=",
        "wss://a.example,           wss://a.example/?token=",
        "wss://a.example/endpoint,  wss://a.example/endpoint?token=",
        "ws://127.0.0.1:8080/x/?y=1, ws://127.0.0.1:8080/x/?y=1&token=",
    })
    void a_configured_address_takes_the_place_of_the_server_and_the_token_stays(URI configured, String expected)
            throws Exception {
        Endpoint endpoint = spot.endpoint(configured, "c-1", Resources.bytes("kucoin/ticket.json"));

        assertThat(endpoint.address()).hasToString(expected + "2neAbc-_123=.gJE_L-X==&connectId=c-1");
        assertThat(endpoint.heartbeat()).isEqualTo(Duration.ofSeconds(18));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "'pingInterval':18000 | 'pingInterval':50000 | 50 | 60",
                "'pingInterval':18000 | 'pingInterval':null  | 18 | 28",
                "'pingInterval':18000 | 'pingInterval':0     | 18 | 28",
                "'pingInterval':18000 | 'pingInterval':99999999999999 | 18 | 28",
                "'pingTimeout':10000  | 'pingTimeout':25000  | 18 | 43",
            })
    void the_intervals_are_those_of_the_answer(String from, String to, int heartbeat, int silence) throws Exception {
        String ticket = text("kucoin/ticket.json").replace(from.replace('\'', '"'), to.replace('\'', '"'));
        Endpoint endpoint = spot.endpoint(null, "c-1", bytes(ticket));

        assertThat(endpoint.heartbeat()).isEqualTo(Duration.ofSeconds(heartbeat));
        assertThat(endpoint.silence()).isEqualTo(Duration.ofSeconds(silence));
    }

    @Test
    void a_token_can_add_nothing_to_the_address() throws Exception {
        String ticket = text("kucoin/ticket.json").replace("2neAbc", "a&b#c d+e");

        assertThat(spot.endpoint(null, "c-1", bytes(ticket)).address().getRawQuery())
                .startsWith("token=a%26b%23c+d%2Be-_123=.gJE");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "'code':'200000'  | 'code':'429000'",
                "'token':'2neAbc-_123=.gJE_L-X==' | 'token':''",
                "'token':         | 'old':",
                "'instanceServers' | 'servers'",
                "wss://ws-api-spot.example/ | https://ws-api-spot.example/",
                "wss://ws-api-spot.example/ | wss://a b/",
                "'protocol':'websocket' | 'protocol':'socketio'",
                "{'code'          | <html>{'code'",
            })
    void an_answer_without_token_or_server_is_an_error(String from, String to) {
        String ticket = text("kucoin/ticket.json").replace(from.replace('\'', '"'), to.replace('\'', '"'));
        assertThat(ticket).isNotEqualTo(text("kucoin/ticket.json"));

        assertThatThrownBy(() -> spot.endpoint(null, "c-1", bytes(ticket))).isInstanceOf(UnreadableAnswer.class);
    }

    @Test
    void a_token_is_asked_for_at_the_markets_own_host_before_each_connect() {
        assertThat(spot.ticket()).isEqualTo(new RestRequest("POST", "/api/v1/bullet-public", Map.of(), 10));
        assertThat(spot.defaultRestUrl()).hasToString("https://api.kucoin.com");
        assertThat(futures.defaultRestUrl()).hasToString("https://api-futures.kucoin.com");
        assertThat(List.of(spot, futures))
                .allSatisfy(one -> assertThat(one.defaultWebsocketUrl()).isNull());
    }

    @Test
    void requests_name_many_symbols_behind_one_topic_and_their_number_as_text() {
        Instrument gala = Instrument.of(SPOT, "GALAX-USDT", "GALA", "USDT");
        Instrument odd = Instrument.of(FUTURES, "X\",\"Y", "X", "USDT");

        assertThat(spot.subscribe(5, List.of(solSpot, gala), Instant.EPOCH))
                .isEqualTo("{\"id\":\"5\",\"type\":\"subscribe\",\"topic\":\"/market/match:SOL-USDT,GALAX-USDT\","
                        + "\"privateChannel\":false,\"response\":true}");
        assertThat(futures.unsubscribe(6, List.of(odd), Instant.EPOCH))
                .isEqualTo("{\"id\":\"6\",\"type\":\"unsubscribe\",\"topic\":\"/contractMarket/execution:X\\\",\\\"Y\","
                        + "\"privateChannel\":false,\"response\":true}");
        assertThat(spot.heartbeat(Instant.ofEpochMilli(1_795_012_346_000L)))
                .isEqualTo("{\"id\":\"1795012346000\",\"type\":\"ping\"}");
    }

    @Test
    void three_hundred_symbols_take_four_frames_on_one_connection() {
        List<Instrument> many = java.util.stream.IntStream.range(0, 300)
                .mapToObj(i -> Instrument.of(SPOT, "LONGNAMEDCOIN" + i + "-USDT", "C", "USDT"))
                .toList();

        assertThat(spot.limits().instrumentsPerConnection()).isEqualTo(300);
        assertThat(Request.subscribing(spot, many, Instant.EPOCH))
                .extracting(request -> request.instruments().size())
                .containsExactly(90, 90, 90, 30);
    }

    // ---- instruments

    @Test
    void spot_instruments_are_selected_by_the_rules() {
        assertThat(collected(spotListings))
                .containsExactlyInAnyOrder(
                        "SOL-USDT",
                        "GALAX-USDT",
                        "BTC-USDT",
                        "JUP-USDT",
                        "J-USDT",
                        "SYR-USDT",
                        "PIXEL-USDT",
                        "M3M3-USDT",
                        "AVAX-USDT",
                        "RON-USDT",
                        "RISKY-USDT",
                        "1INCH-USDT",
                        "10000CAT-USDT",
                        "NONAME-USDT",
                        "ODD-USDT");
        assertThat(dropped(spotListings, "SOL-BTC")).isEqualTo("quoteCurrency BTC");
        assertThat(dropped(spotListings, "SOON-USDT")).isEqualTo("enableTrading is not true");
        assertThat(dropped(spotListings, "ON-USDT")).isEqualTo("enableTrading is not true");
        assertThat(dropped(spotListings, "BTC3L-USDT")).isEqualTo("market ETF");
        assertThat(dropped(spotListings, "NEWX-USDT")).isEqualTo("market Stocks");
        assertThat(dropped(spotListings, "QTUM3S-USDT")).isEqualTo("leveraged token");
        assertThat(dropped(spotListings, "SPCXX-USDT")).isEqualTo("tokenised stock by list");
        assertThat(dropped(spotListings, "EUR-USDT")).isEqualTo("fiat base");
        assertThat(dropped(spotListings, "NOBASE-USDT")).isEqualTo("no baseCurrency");
    }

    @Test
    void up_and_down_are_leveraged_only_beside_each_other_and_their_coin() {
        assertThat(dropped(spotListings, "BTCUP-USDT")).isEqualTo("leveraged token");
        assertThat(dropped(spotListings, "BTCDOWN-USDT")).isEqualTo("leveraged token");
        assertThat(dropped(spotListings, "JUP-USDT")).isEmpty(); // J trades, JDOWN does not
        assertThat(dropped(spotListings, "SYRUP-USDT")).isEqualTo("leveraged token"); // SYR and SYRDOWN do
    }

    @ParameterizedTest
    @CsvSource({"GALAX-USDT, GALA", "SOL-USDT, SOL", "NONAME-USDT, NONAME", "ODD-USDT, ODD"})
    void a_renamed_coin_keeps_its_symbol_and_is_matched_by_its_name(String symbol, String base) {
        assertThat(instrument(spotListings, symbol).base()).isEqualTo(base);
        assertThat(instrument(spotListings, symbol).symbol()).isEqualTo(symbol);
    }

    @Test
    void futures_instruments_are_selected_by_the_rules() {
        assertThat(collected(futuresListings))
                .containsExactlyInAnyOrder(
                        "XBTUSDTM",
                        "SOLUSDTM",
                        "PEPEUSDTM",
                        "DEEPUSDTM",
                        "ZRXUSDTM",
                        "1000BONKUSDTM",
                        "10PEPEUSDTM",
                        "10SETUSDTM",
                        "1INCHUSDTM",
                        "OLDUSDTM",
                        "TEXTUSDTM");
        assertThat(dropped(futuresListings, "XBTUSDCM")).isEqualTo("quoteCurrency USDC");
        assertThat(dropped(futuresListings, "XBTMU26")).isEqualTo("type FFICSX");
        assertThat(dropped(futuresListings, "LUNAUSDTM")).isEqualTo("status Paused");
        assertThat(dropped(futuresListings, "OPENAIUSDTM")).isEqualTo("marketStage PRE_MARKET");
        assertThat(dropped(futuresListings, "STAGEUSDTM")).isEqualTo("marketStage 5");
        assertThat(dropped(futuresListings, "TSLAUSDTM")).isEqualTo("assetClass STOCK");
        assertThat(dropped(futuresListings, "XAUUSDTM")).isEqualTo("assetClass METAL");
        assertThat(dropped(futuresListings, "WHATUSDTM")).isEqualTo("isInverse is not false");
        assertThat(List.of("FUNNYUSDTM", "HUGEUSDTM", "NOMUSDTM"))
                .allSatisfy(
                        symbol -> assertThat(dropped(futuresListings, symbol)).contains("multiplier"));
    }

    @ParameterizedTest
    @CsvSource({
        "XBTUSDTM, BTC, 0.001, 1",
        "PEPEUSDTM, PEPE, 520000, 1",
        "DEEPUSDTM, DEEP, 0.0001, 1",
        "ZRXUSDTM, ZRX, 10, 1",
        "TEXTUSDTM, TEXT, 0.01, 1",
        "1000BONKUSDTM, 1000BONK, 100, 1000",
        "10PEPEUSDTM, 10PEPE, 1, 10",
        "10SETUSDTM, 10SET, 1, 1",
        "1INCHUSDTM, 1INCH, 1, 1",
    })
    void bitcoin_has_its_name_and_lots_and_counts_are_exact(
            String symbol, String base, BigDecimal contractSize, BigDecimal multiplier) {
        Instrument instrument = instrument(futuresListings, symbol);

        assertThat(instrument.base()).isEqualTo(base);
        assertThat(instrument.contractSize()).isEqualTo(contractSize);
        assertThat(instrument.multiplier()).isEqualByComparingTo(multiplier);
    }

    @Test
    void an_error_that_comes_with_status_200_is_no_list() {
        for (String answer : List.of(
                "{\"code\":\"429000\",\"msg\":\"Too Many Requests\"}",
                "{\"code\":\"500000\",\"data\":[{\"symbol\":\"SOL-USDT\"}]}",
                "{\"data\":[{\"symbol\":\"SOL-USDT\"}]}",
                "{\"code\":\"200000\",\"data\":[]}",
                "{\"code\":\"200000\",\"data\":null}",
                "{\"code\":\"200000\",\"data\":[{\"symbol\":\"SOL",
                "<html>")) {
            assertThatThrownBy(() -> spot.readInstruments(bytes(answer)))
                    .as(answer)
                    .isInstanceOf(UnreadableAnswer.class);
        }
    }

    // ---- trades by REST

    @Test
    void the_newest_hundred_trades_can_be_had_and_no_more() {
        Instrument xbt = instrument(futuresListings, "XBTUSDTM");

        assertThat(spot.trades(Past.after(solSpot, 5)))
                .isEqualTo(new RestRequest("/api/v1/market/histories?symbol=SOL-USDT", 3));
        assertThat(futures.trades(Stretch.newest(xbt)))
                .isEqualTo(new RestRequest("/api/v1/trade/history?symbol=XBTUSDTM", 5));
        assertThat(spot.reach().isWhole()).isFalse();
        assertThat(spot.reach().rows()).isEqualTo(100);
    }

    @Test
    void a_spot_trade_by_rest_has_the_id_under_another_name_and_is_the_same() throws Exception {
        List<Row> rows = Past.rows(spot, Resources.bytes("kucoin/spot-history.json"), solSpot, RECEIVED);

        assertThat(rows.getFirst())
                .usingRecursiveComparison()
                .ignoringFields("origin")
                .isEqualTo(trade(spot(0)));
        assertThat(rows)
                .extracting(row -> ((Trade) row).id().number())
                .containsExactly(24_793_081_206_521_856L, 24_793_081_206_521_861L, 24_793_081_206_521_990L);
    }

    @Test
    void futures_trades_by_rest_come_newest_first_and_are_turned_round() throws Exception {
        Instrument xbt = instrument(futuresListings, "XBTUSDTM");
        List<Row> rows = Past.rows(futures, Resources.bytes("kucoin/futures-history.json"), xbt, RECEIVED);

        assertThat(rows)
                .extracting(row -> ((Trade) row).id().number())
                .containsExactly(1_999_648_200_120L, 1_999_648_200_121L, 1_999_648_200_177L);
        assertThat(rows.getFirst())
                .usingRecursiveComparison()
                .ignoringFields("origin")
                .isEqualTo(trade(futures(0)));
        assertThat(((Trade) rows.getFirst()).origin()).isEqualTo(Origin.REFILL);
    }

    @Test
    void a_bad_rest_row_never_harms_its_neighbours() throws Exception {
        String answer = text("kucoin/spot-history.json").replace("[{", "[{\"sequence\":\"1\",\"price\":\"x\"},17,[],{");

        List<Row> rows = Past.rows(spot, bytes(answer), solSpot, RECEIVED);

        assertThat(rows.subList(0, 3)).hasOnlyElementsOfType(Rejected.class);
        assertThat(rows.subList(3, 6)).hasOnlyElementsOfType(Trade.class);
    }

    @Test
    void no_trades_by_rest_are_no_error_but_everything_else_is() throws Exception {
        assertThat(Past.rows(spot, bytes("{\"code\":\"200000\",\"data\":[]}"), solSpot, 0))
                .isEmpty();
        for (String answer : List.of(
                "{\"code\":\"200003\",\"msg\":\"Invalid symbol.\"}",
                "{\"code\":\"404000\",\"data\":[]}",
                "{\"code\":\"200000\",\"data\":null}",
                "{\"code\":\"200000\",\"data\":\"none\"}",
                "{\"code\":\"200000\"}",
                "[]",
                text("kucoin/spot-history.json").replace("000000}", "}"))) {
            assertThatThrownBy(() -> Past.rows(spot, bytes(answer), solSpot, 0))
                    .as(answer)
                    .isInstanceOf(UnreadableAnswer.class);
        }
    }

    // ----

    private Message spot(int line) {
        return spot.read(frame(Resources.lines("kucoin/spot.jsonl").get(line)), spotTable);
    }

    private Message futures(int line) {
        return futures.read(frame(Resources.lines("kucoin/futures.jsonl").get(line)), futuresTable);
    }

    private Message control(int line) {
        return spot.read(frame(Resources.lines("kucoin/control.jsonl").get(line)), spotTable);
    }

    private static Frame frame(String text) {
        return Frame.of(text, RECEIVED);
    }

    private static String text(String path) {
        return new String(Resources.bytes(path), StandardCharsets.UTF_8);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static Row row(Message message) {
        assertThat(message).isInstanceOf(Message.Rows.class);
        assertThat(((Message.Rows) message).rows()).hasSize(1);
        return ((Message.Rows) message).rows().getFirst();
    }

    private static Trade trade(Message message) {
        assertThat(row(message)).isInstanceOf(Trade.class);
        return (Trade) row(message);
    }

    private static Map<String, Listing> listings(Connector connector, String path) {
        try {
            return connector.readInstruments(Resources.bytes(path)).listings().stream()
                    .collect(Collectors.toMap(Listing::symbol, Function.identity()));
        } catch (UnreadableAnswer e) {
            throw new AssertionError(e);
        }
    }

    private static List<String> collected(Map<String, Listing> listings) {
        return listings.values().stream()
                .filter(listing -> listing.instrument() != null)
                .map(Listing::symbol)
                .toList();
    }

    private static Instrument instrument(Map<String, Listing> listings, String symbol) {
        Instrument instrument = listings.get(symbol).instrument();
        assertThat(instrument).isNotNull();
        return instrument;
    }

    private static String dropped(Map<String, Listing> listings, String symbol) {
        return listings.get(symbol).dropped();
    }
}
