package io.metdc.collector.query;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/// An SQL text taken apart as far as is needed to count its statements and to find its parameters, `:name`:
/// what stands in quotes, dollar quotes and comments is left alone.
///
/// @param jdbc       the text with `?` in place of each parameter
/// @param parameters the parameter of each `?`, in order
/// @param statements how many there are that hold anything
public record SqlText(String jdbc, List<String> parameters, int statements) {
    public SqlText {
        parameters = List.copyOf(parameters);
    }

    /// Takes a text apart.
    ///
    /// @param names the parameters it may have; any other `:name` is left as it is
    public static SqlText parse(String sql, Set<String> names) {
        return new Parser(sql, names).parse();
    }

    private static final class Parser {
        private final String sql;
        private final Set<String> names;
        private final StringBuilder jdbc = new StringBuilder();
        private final List<String> parameters = new ArrayList<>();
        private int at;
        private int statements;
        private boolean inStatement;

        Parser(String sql, Set<String> names) {
            this.sql = sql;
            this.names = names;
        }

        SqlText parse() {
            while (at < sql.length()) {
                char c = sql.charAt(at);
                if (sql.startsWith("--", at)) {
                    copyTo(indexOrEnd(sql.indexOf('\n', at)));
                } else if (sql.startsWith("/*", at)) {
                    copyTo(endOfComment());
                } else if (c == ';') {
                    inStatement = false;
                    copyTo(at + 1);
                } else if (Character.isWhitespace(c)) {
                    copyTo(at + 1);
                } else {
                    begin();
                    token(c);
                }
            }
            return new SqlText(jdbc.toString(), parameters, statements);
        }

        private void begin() {
            if (!inStatement) {
                inStatement = true;
                statements++;
            }
        }

        private void token(char c) {
            if (c == '\'') {
                boolean escapes = at > 0
                        && (sql.charAt(at - 1) == 'E' || sql.charAt(at - 1) == 'e')
                        && (at < 2 || !isWord(sql.charAt(at - 2)));
                copyTo(endOfQuote('\'', escapes));
            } else if (c == '"') {
                copyTo(endOfQuote('"', false));
            } else if (c == '$' && (at == 0 || !isWord(sql.charAt(at - 1)))) {
                copyTo(endOfDollarQuote());
            } else if (sql.startsWith("::", at)) {
                copyTo(at + 2);
            } else if (c == ':') {
                parameter();
            } else if (c == '?') { // an operator, which the driver wants doubled
                jdbc.append("??");
                at++;
            } else {
                copyTo(at + 1);
            }
        }

        private void parameter() {
            int end = at + 1;
            while (end < sql.length() && isWord(sql.charAt(end))) {
                end++;
            }
            String name = sql.substring(at + 1, end);
            if (names.contains(name)) {
                parameters.add(name);
                jdbc.append('?');
                at = end;
            } else {
                copyTo(end);
            }
        }

        private int endOfQuote(char quote, boolean escapes) {
            for (int i = at + 1; i < sql.length(); i++) {
                char c = sql.charAt(i);
                if (escapes && c == '\\') {
                    i++;
                } else if (c == quote) {
                    if (i + 1 < sql.length() && sql.charAt(i + 1) == quote) {
                        i++;
                    } else {
                        return i + 1;
                    }
                }
            }
            return sql.length();
        }

        private int endOfDollarQuote() {
            int tagEnd = at + 1;
            while (tagEnd < sql.length() && isWord(sql.charAt(tagEnd))) {
                tagEnd++;
            }
            if (tagEnd >= sql.length() || sql.charAt(tagEnd) != '$') {
                return at + 1;
            }
            String tag = sql.substring(at, tagEnd + 1);
            int end = sql.indexOf(tag, tagEnd + 1);
            return end < 0 ? sql.length() : end + tag.length();
        }

        private int endOfComment() {
            int depth = 0;
            int i = at;
            while (i < sql.length()) {
                if (sql.startsWith("/*", i)) {
                    depth++;
                    i += 2;
                } else if (sql.startsWith("*/", i)) {
                    depth--;
                    i += 2;
                    if (depth == 0) {
                        return i;
                    }
                } else {
                    i++;
                }
            }
            return sql.length();
        }

        private int indexOrEnd(int index) {
            return index < 0 ? sql.length() : index;
        }

        private void copyTo(int end) {
            jdbc.append(sql, at, end);
            at = end;
        }

        private static boolean isWord(char c) {
            return c == '_' || Character.isLetterOrDigit(c);
        }
    }
}
