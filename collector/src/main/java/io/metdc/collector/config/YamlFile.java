package io.metdc.collector.config;

import io.metdc.collector.config.Given.Items;
import io.metdc.collector.config.Given.Nested;
import io.metdc.collector.config.Given.Nothing;
import io.metdc.collector.config.Given.Rows;
import io.metdc.collector.config.Given.Scalar;
import io.metdc.collector.config.Given.Shape;
import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.error.Mark;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;
import org.yaml.snakeyaml.nodes.Tag;

/// The configuration file as keys and values with their lines. The file is only taken apart, never turned
/// into objects.
final class YamlFile {
    private final String name;
    private final KnownKeys known;
    private final List<Problem> problems;
    private final Map<String, Given> given = new LinkedHashMap<>();

    private YamlFile(String name, KnownKeys known, List<Problem> problems) {
        this.name = name;
        this.known = known;
        this.problems = problems;
    }

    /// @param name     the file as it is shown to people
    /// @param problems receives what is wrong with the file
    static Map<String, Given> read(Path file, String name, KnownKeys known, List<Problem> problems) {
        String text;
        try {
            text = Files.readString(file);
        } catch (NoSuchFileException e) {
            problems.add(new Problem(name, "there is no such file"));
            return Map.of();
        } catch (CharacterCodingException e) {
            problems.add(new Problem(name, "is not UTF-8 text"));
            return Map.of();
        } catch (IOException e) {
            problems.add(
                    new Problem(name, Files.isDirectory(file) ? "is a folder" : "cannot be read: " + e.getMessage()));
            return Map.of();
        }
        return read(text, name, known, problems);
    }

    static Map<String, Given> read(String text, String name, KnownKeys known, List<Problem> problems) {
        YamlFile yaml = new YamlFile(name, known, problems);
        try {
            Node root = new Yaml(new LoaderOptions()).compose(new StringReader(text));
            if (root instanceof MappingNode mapping) {
                yaml.section(mapping, "");
            } else if (root != null && !isNull(root)) {
                yaml.problem(root, "a configuration consists of keys and values, such as data_directory: data");
            }
        } catch (MarkedYAMLException e) {
            Mark mark = e.getProblemMark();
            String what = e.getProblem() == null ? "cannot be understood" : e.getProblem();
            problems.add(
                    new Problem(mark == null ? name : name + ":" + (mark.getLine() + 1), "no valid YAML: " + what));
        } catch (YAMLException e) {
            problems.add(new Problem(
                    name,
                    "no valid YAML: "
                            + String.valueOf(e.getMessage()).lines().findFirst().orElse("")));
        }
        return yaml.given;
    }

    private void section(MappingNode mapping, String prefix) {
        Map<String, Integer> seen = new HashMap<>();
        for (NodeTuple tuple : mapping.getValue()) {
            if (!(tuple.getKeyNode() instanceof ScalarNode keyNode)) {
                problem(tuple.getKeyNode(), "a key is one word");
                continue;
            }
            String key = prefix + keyNode.getValue();
            Integer first = seen.putIfAbsent(keyNode.getValue(), line(keyNode));
            if (first != null) {
                problem(keyNode, key + " is set twice; first in line " + first);
                continue;
            }
            if (keyNode.getValue().contains(".")) {
                problem(keyNode, known.dotted(key));
            } else {
                entry(key, keyNode, tuple.getValueNode());
            }
        }
    }

    private void entry(String key, ScalarNode keyNode, Node node) {
        Shape shape = known.shape(key);
        if (shape != null) {
            Given.Value value = value(key, shape, node);
            if (value != null) {
                given.put(key, new Given(value, origin(node)));
            }
        } else if (known.isSection(key)) {
            if (node instanceof MappingNode mapping) {
                section(mapping, key + ".");
            } else if (!isNull(node)) {
                problem(node, key + " is a section: its settings belong on the lines below it, indented");
            }
        } else {
            problem(keyNode, known.unknown(key));
        }
    }

    private Given.@Nullable Value value(String key, Shape shape, Node node) {
        return switch (node) {
            case ScalarNode scalar when isNull(scalar) -> new Nothing();
            case ScalarNode scalar -> new Scalar(scalar.getValue());
            case SequenceNode sequence when shape == Shape.ROWS -> rows(key, sequence);
            case SequenceNode sequence -> items(key, sequence);
            case MappingNode mapping when shape == Shape.ROWS_BY_NAME -> rowsByName(key, mapping);
            case MappingNode _ -> new Nested();
            default -> {
                problem(node, key + " cannot be understood");
                yield null;
            }
        };
    }

    private @Nullable Items items(String key, SequenceNode sequence) {
        List<Given> items = new ArrayList<>();
        for (Node item : sequence.getValue()) {
            if (!(item instanceof ScalarNode scalar) || isNull(item)) {
                problem(item, key + " is a list of names, and this is none");
                return null;
            }
            items.add(given(scalar));
        }
        return new Items(items);
    }

    private @Nullable Rows rows(String key, SequenceNode sequence) {
        List<Row> rows = new ArrayList<>();
        for (Node item : sequence.getValue()) {
            Map<String, Given> fields = fields(key, item);
            if (fields == null) {
                return null;
            }
            Given name = fields.remove(Row.NAME);
            if (name == null || !(name.value() instanceof Scalar(String text))) {
                problem(item, key + " has an entry without a name");
                return null;
            }
            rows.add(new Row(text, fields, origin(item)));
        }
        return new Rows(rows);
    }

    private @Nullable Rows rowsByName(String key, MappingNode mapping) {
        List<Row> rows = new ArrayList<>();
        Set<String> names = new HashSet<>();
        for (NodeTuple tuple : mapping.getValue()) {
            if (!(tuple.getKeyNode() instanceof ScalarNode from)) {
                problem(tuple.getKeyNode(), key + " has names for keys, and this is none");
                return null;
            }
            if (!names.add(from.getValue())) {
                problem(from, key + ": " + from.getValue() + " stands there twice");
                return null;
            }
            List<Node> entries = tuple.getValueNode() instanceof SequenceNode sequence
                    ? sequence.getValue()
                    : List.of(tuple.getValueNode());
            for (Node entry : entries) {
                Map<String, Given> fields = fields(key, entry);
                if (fields == null) {
                    return null;
                }
                rows.add(new Row(from.getValue(), fields, origin(entry)));
            }
        }
        return new Rows(rows);
    }

    /// A name alone, or with what else there is to say.
    private @Nullable Map<String, Given> fields(String key, Node node) {
        Map<String, Given> fields = new LinkedHashMap<>();
        if (node instanceof ScalarNode scalar && !isNull(node)) {
            fields.put(Row.NAME, given(scalar));
            return fields;
        }
        if (!(node instanceof MappingNode mapping)) {
            problem(node, key + " holds what is neither a name nor {name: …, since: …}");
            return null;
        }
        for (NodeTuple tuple : mapping.getValue()) {
            if (!(tuple.getKeyNode() instanceof ScalarNode field)) {
                problem(tuple.getKeyNode(), "a key is one word");
                return null;
            }
            Given.Value value = value(key, Shape.SCALAR, tuple.getValueNode());
            if (value == null) {
                return null;
            }
            if (fields.put(field.getValue(), new Given(value, origin(tuple.getValueNode()))) != null) {
                problem(field, key + ": " + field.getValue() + " stands there twice");
                return null;
            }
        }
        return fields;
    }

    private Given given(ScalarNode scalar) {
        return new Given(new Scalar(scalar.getValue()), origin(scalar));
    }

    private ValueOrigin origin(Node node) {
        return new ValueOrigin.InFile(name, line(node));
    }

    private static boolean isNull(Node node) {
        return node instanceof ScalarNode && Tag.NULL.equals(node.getTag());
    }

    private static int line(Node node) {
        return node.getStartMark().getLine() + 1;
    }

    private void problem(Node node, String what) {
        problems.add(new Problem(name + ":" + line(node), what));
    }
}
