package io.metdc.symbols;

import java.util.Locale;

/// Which coins are collected, by whether Upbit trades them for KRW.
public enum UpbitKrw {
    BOTH,
    LISTED,
    UNLISTED;

    /// Whether instruments with this mark are collected. Without a list of Upbit's all of them are: what was not
    /// collected is lost.
    boolean takes(UpbitMark mark) {
        return switch (this) {
            case BOTH -> true;
            case LISTED -> mark != UpbitMark.UNLISTED;
            case UNLISTED -> mark != UpbitMark.LISTED;
        };
    }

    /// The name used in configuration and output: `both`.
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
