package io.metdc.symbols;

import io.metdc.market.Instrument;
import java.math.BigDecimal;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Names of coins, in the one spelling in which they are compared. Whole names only, never a part of one.
public final class CoinName {
    private static final Pattern SEPARATORS = Pattern.compile("[-_/:\\s]");

    /// Digits that may count the coin whose name stands beside them.
    private static final Pattern COUNTED =
            Pattern.compile("(1000000|100000|10000|1000|100|10M|1M)([A-Z].*)|(.*[A-Z])(10000|1000)");

    private CoinName() {}

    /// Upper case without separators, and BTC for XBT.
    public static String canonical(String name) {
        String plain = SEPARATORS.matcher(name).replaceAll("").toUpperCase(Locale.ROOT);
        return plain.equals("XBT") ? "BTC" : plain;
    }

    /// The coin that an instrument trades: its base without the multiplier that it is known to have.
    public static String of(Instrument instrument) {
        String base = canonical(instrument.base());
        if (instrument.multiplier().compareTo(BigDecimal.ONE) == 0) {
            return base;
        }
        String count = instrument.multiplier().stripTrailingZeros().toPlainString();
        String millions = count.endsWith("000000") ? count.substring(0, count.length() - 6) + "M" : count;
        for (String prefix : List.of(count, millions, millions.equals("1M") ? "M" : count)) {
            if (base.startsWith(prefix) && base.length() > prefix.length()) {
                return canonical(base.substring(prefix.length()));
            }
        }
        return base.endsWith(count) && base.length() > count.length()
                ? canonical(base.substring(0, base.length() - count.length()))
                : base;
    }

    /// How a name reads if the digits in it count a coin. Only the prices tell whether they do: 1000CAT may be a
    /// thousand of CAT, or a coin of that name.
    ///
    /// @param name in canonical spelling
    /// @return empty where there are no such digits, as in 1INCH, 0G and 2Z
    public static Optional<Counted> counted(String name) {
        Matcher matcher = COUNTED.matcher(name);
        if (!matcher.matches()) {
            return Optional.empty();
        }
        boolean before = matcher.group(1) != null;
        String digits = before ? matcher.group(1) : matcher.group(4);
        String coin = before ? matcher.group(2) : matcher.group(3);
        return Optional.of(new Counted(new BigDecimal(digits.replace("M", "000000")), canonical(coin)));
    }

    /// A name with digits that may count.
    ///
    /// @param factor coins in one unit, if they do
    /// @param coin   the name without them
    public record Counted(BigDecimal factor, String coin) {}
}
