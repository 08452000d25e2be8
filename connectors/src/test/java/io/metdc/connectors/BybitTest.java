package io.metdc.connectors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.metdc.connectors.InstrumentPage.Listing;
import io.metdc.market.Exchange;
import io.metdc.market.Flag;
import io.metdc.market.Instrument;
import io.metdc.market.Market;
import io.metdc.market.MarketType;
import io.metdc.market.Origin;
import io.metdc.market.Rejected;
import io.metdc.market.Row;
import io.metdc.market.TakerSide;
import io.metdc.market.Trade;
import java.net.URI;
import java.nio.charset.StandardCharsets;
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

class BybitTest {
    private static final Market SPOT = new Market(Exchange.BYBIT, MarketType.SPOT);
    private static final Market FUTURES = new Market(Exchange.BYBIT, MarketType.FUTURES);
    private static final Instrument SOL = Instrument.of(FUTURES, "SOLUSDT", "SOL", "USDT");
    private static final Instrument SOL_SPOT = Instrument.of(SPOT, "SOLUSDT", "SOL", "USDT");
    private static final long RECEIVED = 1_795_012_346_310_000_000L;

    private final Connector spot = Connectors.of(SPOT).orElseThrow();
    private final Connector linear = Connectors.of(FUTURES).orElseThrow();
    private final List<String> frames = Resources.lines("bybit/frames.jsonl");

    private Message read(int line) {
        return linear.read(Frame.of(frames.get(line), RECEIVED), new SymbolTable(List.of(SOL)));
    }

    private List<Row> rows(int line) {
        return ((Message.Rows) read(line)).rows();
    }

    @Test
    void every_match_of_a_frame_is_a_trade_with_the_takers_side() {
        List<Row> rows = rows(0);

        assertThat(rows).hasSize(2).hasOnlyElementsOfType(Trade.class);
        Trade first = (Trade) rows.getFirst();
        assertThat(first.id()).hasToString("5d0f3a1e-0000-5c34-9aeb-860867cf1f66");
        assertThat(first.price()).hasToString("198.450");
        assertThat(first.takerSide()).isEqualTo(TakerSide.SELL);
        assertThat(first.executedAtNanos()).isEqualTo(1_795_012_346_299_000_000L);
        assertThat(first.origin()).isEqualTo(Origin.STREAM); // whatever `type` says
        assertThat(((Trade) rows.get(1)).size()).isEqualByComparingTo("12345678901234567890.5");
        assertThat(((Trade) rows.get(1)).price()).isEqualByComparingTo("0.000000000001");
    }

    @Test
    void block_trades_and_retail_liquidity_are_stored_with_their_flags() {
        assertThat(rows(0))
                .extracting(row -> ((Trade) row).flags())
                .containsExactly(Set.of(Flag.RPI), Set.of(Flag.BLOCK));
    }

    @Test
    void a_bad_row_never_harms_its_neighbours() {
        Message message = spot.read(Frame.of(frames.get(1), RECEIVED), new SymbolTable(List.of(SOL_SPOT)));
        List<Row> rows = ((Message.Rows) message).rows();

        assertThat(rows).hasSize(4);
        assertThat(rows.subList(1, 3)).hasOnlyElementsOfType(Rejected.class);
        assertThat(rows.get(3))
                .isInstanceOfSatisfying(
                        Trade.class, trade -> assertThat(trade.id()).hasToString("2290000000935480004"));
    }

    @ParameterizedTest
    @ValueSource(ints = {3, 4, 9, 10})
    void pongs_liquidations_and_books_are_ignored(int line) {
        assertThat(read(line)).isInstanceOf(Message.Ignored.class);
    }

    @Test
    void an_empty_frame_of_trades_holds_none() {
        assertThat(rows(11)).isEmpty();
    }

    @Test
    void an_answer_is_matched_by_its_request() {
        assertThat(read(2)).isEqualTo(new Message.Acknowledged(7));
    }

    @ParameterizedTest
    @CsvSource({"5, 8", "6, 9"})
    void an_unknown_topic_is_named_by_its_refusal(int line, long request) {
        assertThat(read(line)).isInstanceOfSatisfying(Message.Refused.class, refused -> {
            assertThat(refused.request()).isEqualTo(request);
            assertThat(refused.blame()).isEqualTo(new Blame.Symbol("NOPEUSDT"));
        });
    }

    @Test
    void an_already_subscribed_topic_counts_as_subscribed() {
        assertThat(((Message.Refused) read(7)).blame()).isEqualTo(new Blame.Already("SOLUSDT"));
    }

    @Test
    void a_refusal_that_names_nobody_is_halved() {
        assertThat(((Message.Refused) read(8)).blame()).isEqualTo(Blame.OneOfThem.INSTANCE);
    }

    @Test
    void requests_have_a_distinct_id_and_ten_topics_on_spot() {
        assertThat(linear.subscribe(7, List.of(SOL), Instant.EPOCH))
                .isEqualTo("{\"req_id\":\"7\",\"op\":\"subscribe\",\"args\":[\"publicTrade.SOLUSDT\"]}");
        assertThat(spot.limits().instrumentsPerFrame()).isEqualTo(10);
        assertThat(linear.limits().instrumentsPerFrame()).isEqualTo(50);
    }

    @ParameterizedTest
    @CsvSource({
        "ws://127.0.0.1:7, ws://127.0.0.1:7/v5/public/linear",
        "wss://a.example/v5/public/linear, wss://a.example/v5/public/linear",
    })
    void the_market_is_the_address(String configured, String expected) throws Exception {
        Endpoint endpoint = linear.endpoint(URI.create(configured), "c", new byte[0]);

        assertThat(endpoint.address()).hasToString(expected);
        assertThat(endpoint.heartbeat()).hasSeconds(20);
        assertThat(linear.heartbeat(Instant.EPOCH)).contains("\"op\":\"ping\"");
    }

    private static Map<String, Listing> listings(Connector connector, String file) throws UnreadableAnswer {
        return connector.readInstruments(Resources.bytes(file)).listings().stream()
                .collect(Collectors.toMap(Listing::symbol, Function.identity()));
    }

    private static List<String> kept(Map<String, Listing> listings) {
        return listings.values().stream()
                .filter(listing -> listing.instrument() != null)
                .map(Listing::symbol)
                .sorted()
                .toList();
    }

    @Test
    void linear_instruments_are_selected_by_the_rules() throws Exception {
        Map<String, Listing> listings = listings(linear, "bybit/linear.json");

        assertThat(kept(listings)).containsExactly("1000CATUSDT", "1INCHUSDT", "SHIB1000USDT", "SOLUSDT");
        assertThat(listings.get("ONUSDT").dropped()).isEqualTo("symbolType stock");
        assertThat(listings.get("PREUSDT").dropped()).isEqualTo("pre-market");
        assertThat(listings.get("SOLUSDT-25DEC26").dropped()).isEqualTo("contractType LinearFutures");
    }

    @ParameterizedTest
    @CsvSource({"SHIB1000USDT, 1000", "1000CATUSDT, 1000", "1INCHUSDT, 1", "SOLUSDT, 1"})
    void a_multiplied_base_says_so_before_or_behind_its_name(String symbol, String multiplier) throws Exception {
        Instrument instrument =
                listings(linear, "bybit/linear.json").get(symbol).instrument();

        assertThat(instrument).isNotNull();
        assertThat(instrument.multiplier()).isEqualByComparingTo(multiplier);
    }

    @Test
    void spot_instruments_are_selected_by_the_rules() throws Exception {
        Map<String, Listing> listings = listings(spot, "bybit/spot.json");

        assertThat(kept(listings)).containsExactly("NEWUSDT", "SOLUSDT");
        assertThat(listings.get("SOL3LUSDT").dropped()).isEqualTo("leveraged token");
        assertThat(listings.get("EURUSDT").dropped()).isEqualTo("fiat base");
    }

    @Test
    void the_cursor_is_sent_as_it_came() throws Exception {
        RestRequest next =
                linear.readInstruments(Resources.bytes("bybit/linear.json")).next();

        assertThat(next).isNotNull();
        assertThat(next.path())
                .isEqualTo("/v5/market/instruments-info?category=linear&limit=1000"
                        + "&cursor=first%3DSOLUSDT%26last%3DNEWUSDT");
        assertThat(spot.readInstruments(Resources.bytes("bybit/spot.json")).next())
                .isNull();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "[]",
                "<html>",
                "{\"retCode\":10006,\"retMsg\":\"Too many visits!\",\"result\":{}}",
                "{\"retCode\":0,\"result\":{\"list\":[]}}",
                "{\"retCode\":0,\"result\":{\"list\":[{\"symbol\":\"SOLUSDT\"",
            })
    void an_answer_that_is_no_whole_list_is_an_error(String answer) {
        byte[] bytes = answer.getBytes(StandardCharsets.UTF_8);
        assertThatThrownBy(() -> linear.readInstruments(bytes)).isInstanceOf(UnreadableAnswer.class);
        if (!answer.contains("[]")) {
            assertThatThrownBy(() -> Past.rows(linear, bytes, SOL, 0)).isInstanceOf(UnreadableAnswer.class);
        }
    }

    @Test
    void the_same_trades_by_rest_are_the_same_but_for_their_origin_and_oldest_first() throws Exception {
        List<Row> byRest = Past.rows(linear, Resources.bytes("bybit/trades.json"), SOL, RECEIVED);

        assertThat(byRest).usingRecursiveComparison().ignoringFields("origin").isEqualTo(rows(0));
        assertThat(spot.trades(Stretch.newest(SOL_SPOT)).path())
                .isEqualTo("/v5/market/recent-trade?category=spot&symbol=SOLUSDT&limit=60");
        assertThat(spot.reach().rows()).isEqualTo(60);
    }
}
