package io.metdc.collector.probe;

/// What was found out about one thing that metdc relies on.
///
/// @param what     the statement, in words for a person
/// @param measured what was seen, with figures
/// @param advice   what to do about it; "" when nothing
public record Verdict(Outcome outcome, String what, String measured, String advice) {
    /// How it turned out.
    public enum Outcome {
        /// It holds.
        HOLDS("ok"),
        /// It does not hold.
        CHANGED("CHANGED"),
        /// There was too little to tell.
        UNSEEN("not seen"),
        /// A look of a minute cannot tell.
        BY_HAND("by hand");

        private final String words;

        Outcome(String words) {
            this.words = words;
        }

        @Override
        public String toString() {
            return words;
        }
    }

    static Verdict holds(String what, String measured) {
        return new Verdict(Outcome.HOLDS, what, measured, "");
    }

    static Verdict changed(String what, String measured, String advice) {
        return new Verdict(Outcome.CHANGED, what, measured, advice);
    }

    static Verdict unseen(String what, String measured) {
        return new Verdict(Outcome.UNSEEN, what, measured, "");
    }
}
