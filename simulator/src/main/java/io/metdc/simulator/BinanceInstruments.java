package io.metdc.simulator;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.List;

/// The rows of Binance's `exchangeInfo`: those that trade, and beside them rows of every kind that a collector of
/// USDT markets leaves out.
final class BinanceInstruments {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final long NEVER = 4_133_404_800_000L;

    private static final String SPOT_ROW = """
            {"symbol":"","status":"TRADING","baseAsset":"","baseAssetPrecision":8,"quoteAsset":"USDT","quotePrecision":8,\
            "quoteAssetPrecision":8,"baseCommissionPrecision":8,"quoteCommissionPrecision":8,"orderTypes":["LIMIT",\
            "LIMIT_MAKER","MARKET","STOP_LOSS","STOP_LOSS_LIMIT","TAKE_PROFIT","TAKE_PROFIT_LIMIT"],"icebergAllowed":true,\
            "ocoAllowed":true,"otoAllowed":true,"opoAllowed":true,"quoteOrderQtyMarketAllowed":true,\
            "allowTrailingStop":true,"cancelReplaceAllowed":true,"amendAllowed":true,"pegInstructionsAllowed":true,\
            "isSpotTradingAllowed":true,"isMarginTradingAllowed":true,"filters":[],"permissions":[],"permissionSets":[],\
            "defaultSelfTradePreventionMode":"EXPIRE_MAKER","allowedSelfTradePreventionModes":["EXPIRE_TAKER",\
            "EXPIRE_MAKER","EXPIRE_BOTH","DECREMENT","TRANSFER"]}""";

    private static final String FUTURES_ROW = """
            {"symbol":"","pair":"","contractType":"PERPETUAL","deliveryDate":0,"onboardDate":0,"status":"TRADING",\
            "maintMarginPercent":"2.5000","requiredMarginPercent":"5.0000","baseAsset":"","quoteAsset":"USDT",\
            "marginAsset":"USDT","pricePrecision":0,"quantityPrecision":0,"baseAssetPrecision":8,"quotePrecision":8,\
            "underlyingType":"COIN","underlyingSubType":["Crypto"],"triggerProtect":"0.0500","liquidationFee":"0.012500",\
            "marketTakeBound":"0.05","maxMoveOrderLimit":10000,"filters":[],"orderTypes":["LIMIT","MARKET","STOP",\
            "STOP_MARKET","TAKE_PROFIT","TAKE_PROFIT_MARKET","TRAILING_STOP_MARKET"],"timeInForce":["GTC","IOC","FOK",\
            "GTX","GTD"],"permissionSets":["GRID","COPY","DCA","PSB"]}""";

    private BinanceInstruments() {}

    static ObjectNode spotHead(long serverTime, int weightPerMinute) {
        ObjectNode head = JSON.createObjectNode().put("timezone", "UTC").put("serverTime", serverTime);
        ArrayNode limits = head.putArray("rateLimits");
        limits.add(limit("REQUEST_WEIGHT", "MINUTE", 1, weightPerMinute));
        limits.add(limit("ORDERS", "SECOND", 10, 100));
        limits.add(limit("ORDERS", "DAY", 1, 200_000));
        limits.add(limit("RAW_REQUESTS", "MINUTE", 5, 300_000));
        head.putArray("exchangeFilters");
        return head;
    }

    static ObjectNode futuresHead(long serverTime, int weightPerMinute) {
        ObjectNode head = JSON.createObjectNode()
                .put("timezone", "UTC")
                .put("serverTime", serverTime)
                .put("futuresType", "U_MARGINED");
        ArrayNode limits = head.putArray("rateLimits");
        limits.add(limit("REQUEST_WEIGHT", "MINUTE", 1, weightPerMinute));
        limits.add(limit("ORDERS", "MINUTE", 1, 1200));
        limits.add(limit("ORDERS", "SECOND", 10, 300));
        head.putArray("exchangeFilters");
        head.putArray("assets")
                .addObject()
                .put("asset", "USDT")
                .put("marginAvailable", true)
                .put("autoAssetExchange", "-10000");
        return head;
    }

    private static ObjectNode limit(String type, String interval, int intervals, int limit) {
        return JSON.createObjectNode()
                .put("rateLimitType", type)
                .put("interval", interval)
                .put("intervalNum", intervals)
                .put("limit", limit);
    }

    static ObjectNode spot(Listing listing) {
        return spot(listing.symbol(), listing.base(), listing.prices(), listing.sizes());
    }

    private static ObjectNode spot(String symbol, String base, Grid prices, Grid sizes) {
        ObjectNode row = parsed(SPOT_ROW).put("symbol", symbol).put("baseAsset", base);
        filters(row, prices, sizes);
        row.withArray("permissionSets")
                .addArray()
                .add("SPOT")
                .add("TRD_GRP_004")
                .add("TRD_GRP_005");
        return row;
    }

    static ObjectNode futures(Listing listing, Instant listedAt) {
        return futures(listing.symbol(), listing.base(), listing.prices(), listing.sizes())
                .put("onboardDate", listedAt.toEpochMilli());
    }

    private static ObjectNode futures(String symbol, String base, Grid prices, Grid sizes) {
        ObjectNode row = parsed(FUTURES_ROW)
                .put("symbol", symbol)
                .put("pair", symbol)
                .put("deliveryDate", NEVER)
                .put("onboardDate", Protocol.LISTED.toEpochMilli())
                .put("baseAsset", base)
                .put("pricePrecision", prices.scale())
                .put("quantityPrecision", sizes.scale());
        filters(row, prices, sizes);
        return row;
    }

    private static void filters(ObjectNode row, Grid prices, Grid sizes) {
        ArrayNode filters = row.withArray("filters");
        filters.addObject()
                .put("filterType", "PRICE_FILTER")
                .put("minPrice", prices.text(1))
                .put("maxPrice", prices.text(1_000_000_000))
                .put("tickSize", prices.text(1));
        filters.addObject()
                .put("filterType", "LOT_SIZE")
                .put("minQty", sizes.text(1))
                .put("maxQty", sizes.text(Long.MAX_VALUE / 4))
                .put("stepSize", sizes.text(1));
    }

    private static ObjectNode parsed(String row) {
        try {
            return (ObjectNode) JSON.readTree(row);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a constant is no JSON", e);
        }
    }

    /// Spot rows that are not collected, each for a reason of its own.
    static List<ObjectNode> spotOthers() {
        Grid prices = Grid.of("0.0001", 8);
        Grid sizes = Grid.of("0.01", 8);
        ObjectNode bitcoinQuote = spot("ETHBTC", "ETH", prices, sizes).put("quoteAsset", "BTC");
        ObjectNode leveraged = spot("BTCUPUSDT", "BTCUP", prices, sizes)
                .put("isSpotTradingAllowed", false)
                .put("isMarginTradingAllowed", false);
        leveraged.putArray("permissionSets").addArray().add("LEVERAGED");
        ObjectNode suspended = spot("VENUSDT", "VEN", prices, sizes).put("status", "BREAK");
        ObjectNode halted = spot("LUNAUSDT", "LUNA", prices, sizes).put("status", "HALT");
        ObjectNode leaving = spot("ZZZTUSDT", "ZZZT", prices, sizes).put("status", "CANCEL_ONLY");
        ObjectNode stock = spot("TSLABUSDT", "TSLAB", prices, sizes);
        stock.putArray("permissionSets")
                .addArray()
                .add("SPOT")
                .add("TRD_GRP_004")
                .add("TRD_GRP_261");
        ObjectNode fiat = spot("EURUSDT", "EUR", prices, sizes);
        return List.of(bitcoinQuote, leveraged, suspended, halted, leaving, stock, fiat);
    }

    /// Futures rows that are not collected, each for a reason of its own.
    static List<ObjectNode> futuresOthers() {
        Grid prices = Grid.of("0.01", 2);
        Grid sizes = Grid.of("0.001", 3);
        ObjectNode metal = futures("XAUUSDT", "XAU", prices, sizes)
                .put("contractType", "TRADIFI_PERPETUAL")
                .put("underlyingType", "COMMODITY");
        ObjectNode stock = futures("JPMUSDT", "JPM", prices, sizes)
                .put("contractType", "TRADIFI_PERPETUAL")
                .put("underlyingType", "EQUITY");
        ObjectNode index = futures("DEFIUSDT", "DEFI", prices, sizes).put("underlyingType", "INDEX");
        ObjectNode preMarket = futures("OPENAIUSDT", "OPENAI", prices, sizes).put("underlyingType", "PREMARKET");
        ObjectNode otherQuote = futures("BTCUSDC", "BTC", prices, sizes)
                .put("quoteAsset", "USDC")
                .put("marginAsset", "USDC");
        ObjectNode pending = futures("BTCSTUSDT", "BTCST", prices, sizes)
                .put("contractType", "")
                .put("status", "PENDING_TRADING");
        ObjectNode dated = futures("BTCUSDT_270326", "BTC", prices, sizes)
                .put("pair", "BTCUSDT")
                .put("contractType", "CURRENT_QUARTER")
                .put("deliveryDate", 1_806_048_000_000L);
        ObjectNode delisted = futures("LRCUSDT", "LRC", prices, sizes).put("status", "SETTLING");
        return List.of(metal, stock, index, preMarket, otherQuote, pending, dated, delisted);
    }
}
