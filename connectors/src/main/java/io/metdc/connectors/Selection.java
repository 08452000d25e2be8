package io.metdc.connectors;

import com.fasterxml.jackson.databind.JsonNode;
import io.metdc.connectors.InstrumentPage.Listing;
import io.metdc.market.Decimals;
import io.metdc.market.Instrument;
import io.metdc.market.Plausibility;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Holds one row of a list of instruments against the selection rules of its market. The first rule that does not
/// hold is why the row is not collected; a missing field holds no rule, and neither does a value that nobody knows.
final class Selection {
    /// Currencies that are no crypto asset, as bases of spot pairs. As of 2026-11.
    static final Set<String> FIAT = Set.of("EUR", "GBP", "AUD", "BRL", "TRY", "JPY");

    /// Digits that stand before or behind a coin's name and count it: 1000PEPE, 1000 PEPE, 10000LADYS, 1000000MOG,
    /// SHIB1000. 1INCH is a name, and so is 1MOON; of the names that write a million as 1M one is known.
    private static final Pattern MULTIPLIED =
            Pattern.compile("(1000|10000|1000000) ?\\p{Alpha}.*|\\p{Alpha}+(1000)|1?MBABYDOGE");

    /// Digits that count only before the name of a coin that is known otherwise: 10PEPE, but 10SET is a name.
    private static final Pattern SELDOM_MULTIPLIED = Pattern.compile("(10|100|100000)(\\p{Alpha}.*)");

    private static final Pattern LEVERAGED = Pattern.compile(".+[2-5][LS]");

    private static final int MAX_SYMBOL = 64;

    private final JsonNode row;
    private String dropped = "";

    Selection(JsonNode row) {
        this.row = row;
    }

    /// The coins in one unit of a base: 1000 for 1000PEPE.
    static BigDecimal multiplier(String base) {
        Matcher matcher = MULTIPLIED.matcher(base);
        if (!matcher.matches()) {
            return BigDecimal.ONE;
        }
        String count = matcher.group(1) == null ? matcher.group(2) : matcher.group(1);
        return count == null ? BigDecimal.valueOf(1_000_000) : new BigDecimal(count);
    }

    /// As [#multiplier(String)], and for 10PEPE too when PEPE is one of these coins.
    static BigDecimal multiplier(String base, Set<String> coins) {
        Matcher matcher = SELDOM_MULTIPLIED.matcher(base);
        return matcher.matches() && coins.contains(matcher.group(2))
                ? new BigDecimal(matcher.group(1))
                : multiplier(base);
    }

    /// Whether a base is named as leveraged tokens are: BTC3L, ETH5S.
    static boolean isLeveraged(String base) {
        return LEVERAGED.matcher(base).matches();
    }

    /// A list of names that stands beside this class as a text file, with `#` before remarks.
    static Set<String> list(String name) {
        try (InputStream in = Selection.class.getResourceAsStream(name + ".txt")) {
            String text = new String(Objects.requireNonNull(in, name).readAllBytes(), StandardCharsets.UTF_8);
            return Set.of(text.replaceAll("(?m)#.*$", " ").strip().split("\\s+"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// The text of a field, "" when it is missing or no text.
    String text(String field) {
        JsonNode value = row.path(field);
        return value.isTextual() ? value.textValue() : "";
    }

    /// The decimal of a field, written as text or number; 0 when it is none.
    BigDecimal decimal(String field) {
        JsonNode value = row.path(field);
        char[] written = value.isTextual() || value.isNumber() ? value.asText().toCharArray() : new char[0];
        BigDecimal decimal = Decimals.parse(written, 0, written.length);
        return decimal == null ? BigDecimal.ZERO : decimal;
    }

    /// Whether this text stands in the field's list, or in a list within it.
    boolean lists(String field, String text) {
        return lists(row.path(field), text);
    }

    private static boolean lists(JsonNode list, String text) {
        for (JsonNode element : list) {
            if (element.isArray() ? lists(element, text) : element.isTextual() && text.equals(element.textValue())) {
                return true;
            }
        }
        return false;
    }

    Selection is(String field, String... allowed) {
        return dropIf(
                !List.of(allowed).contains(text(field)),
                field + " " + row.path(field).asText("is missing"));
    }

    /// As [#is], but a field that is missing or null holds the rule.
    Selection isOrAbsent(String field, String... allowed) {
        return row.path(field).isMissingNode() || row.path(field).isNull() ? this : is(field, allowed);
    }

    Selection isTrue(String field) {
        JsonNode value = row.path(field);
        return dropIf(!value.isBoolean() || !value.booleanValue(), field + " is not true");
    }

    Selection isFalse(String field) {
        JsonNode value = row.path(field);
        return dropIf(!value.isBoolean() || value.booleanValue(), field + " is not false");
    }

    /// The decimal of a field, a number or a text, without zeros at its end: 0.0001 of 1.0E-4. Where it is not
    /// positive, or no number that can be meant, the row is dropped and this is 1.
    BigDecimal positive(String field) {
        BigDecimal number = decimal(field);
        if (number.signum() <= 0 || !Plausibility.isPlausible(number)) {
            dropIf(true, field + " is not positive");
            return BigDecimal.ONE;
        }
        BigDecimal stripped = number.stripTrailingZeros();
        return stripped.scale() < 0 ? stripped.setScale(0) : stripped;
    }

    Selection dropIf(boolean condition, String why) {
        if (condition && dropped.isEmpty()) {
            dropped = why;
        }
        return this;
    }

    /// The decision. The instrument is only made when every rule holds.
    Listing listing(String symbol, Supplier<Instrument> instrument) {
        dropIf(
                symbol.isEmpty()
                        || symbol.length() > MAX_SYMBOL
                        || symbol.chars().anyMatch(Character::isISOControl),
                "no usable symbol");
        return dropped.isEmpty() ? new Listing(symbol, instrument.get(), "") : new Listing(symbol, null, dropped);
    }
}
