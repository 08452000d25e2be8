package io.metdc.collector.query;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// A question with a name: a file that begins with comments that say what it answers and which parameters
/// it has.
///
/// ```
/// -- The trades stored per minute and market, newest first.
/// -- param: minutes = 60 -- how many minutes back
/// SELECT … WHERE executed_at > now() - make_interval(mins => :minutes::int)
/// ```
///
/// @param name       the file without `.sql`
/// @param answers    what it answers
/// @param parameters by name, in the order of the file
/// @param sql        the whole file
public record NamedQuery(String name, String answers, Map<String, Parameter> parameters, String sql) {
    private static final String ENDING = ".sql";
    private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9_]*");
    private static final Pattern PARAMETER =
            Pattern.compile("param:\\s*([a-z][a-z0-9_]*)\\s*=\\s*(.*?)\\s*(?:--\\s*(.*))?");

    /// What can be given with the question.
    ///
    /// @param fallback the value where none is given
    public record Parameter(String fallback, String meaning) {}

    public NamedQuery {
        parameters = Collections.unmodifiableMap(new LinkedHashMap<>(parameters));
    }

    /// The query of this name.
    ///
    /// @throws NoSuchFileException when there is none
    public static NamedQuery read(Path folder, String name) throws IOException {
        if (!NAME.matcher(name).matches()) { // it becomes part of a path
            throw new NoSuchFileException(name);
        }
        return parse(name, Files.readString(folder.resolve(name + ENDING)));
    }

    /// All queries of a folder, by name.
    ///
    /// @throws NoSuchFileException when there is no such folder
    public static List<NamedQuery> all(Path folder) throws IOException {
        List<NamedQuery> queries = new ArrayList<>();
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.sorted().toList()) {
                String name = file.getFileName().toString();
                if (name.endsWith(ENDING)) {
                    name = name.substring(0, name.length() - ENDING.length());
                    if (NAME.matcher(name).matches()) {
                        queries.add(parse(name, Files.readString(file)));
                    }
                }
            }
        }
        return queries;
    }

    static NamedQuery parse(String name, String sql) {
        StringBuilder answers = new StringBuilder();
        Map<String, Parameter> parameters = new LinkedHashMap<>();
        for (String line : sql.lines().takeWhile(line -> line.startsWith("--")).toList()) {
            String comment = line.substring(2).strip();
            Matcher parameter = PARAMETER.matcher(comment);
            if (parameter.matches()) {
                String meaning = parameter.group(3);
                parameters.put(parameter.group(1), new Parameter(parameter.group(2), meaning == null ? "" : meaning));
            } else if (!comment.isEmpty()) {
                answers.append(answers.isEmpty() ? "" : " ").append(comment);
            }
        }
        return new NamedQuery(name, answers.toString(), parameters, sql);
    }
}
