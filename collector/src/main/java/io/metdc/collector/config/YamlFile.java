package io.metdc.collector.config;

import io.metdc.collector.config.Given.Items;
import io.metdc.collector.config.Given.Nothing;
import io.metdc.collector.config.Given.Pairs;
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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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
            Given.Value value = value(key, node);
            if (value != null) {
                given.put(key, new Given(value, new ValueOrigin.InFile(name, line(node))));
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

    private Given.@Nullable Value value(String key, Node node) {
        return switch (node) {
            case ScalarNode scalar when isNull(scalar) -> new Nothing();
            case ScalarNode scalar -> new Scalar(scalar.getValue());
            case SequenceNode sequence -> items(key, sequence);
            case MappingNode mapping -> pairs(key, mapping);
            default -> {
                problem(node, key + " cannot be understood");
                yield null;
            }
        };
    }

    private @Nullable Items items(String key, SequenceNode sequence) {
        List<String> items = new ArrayList<>();
        for (Node item : sequence.getValue()) {
            if (!(item instanceof ScalarNode scalar) || isNull(item)) {
                problem(item, key + " is a list of names, and this is none");
                return null;
            }
            items.add(scalar.getValue());
        }
        return new Items(items);
    }

    private @Nullable Pairs pairs(String key, MappingNode mapping) {
        Map<String, String> pairs = new LinkedHashMap<>();
        for (NodeTuple tuple : mapping.getValue()) {
            if (!(tuple.getKeyNode() instanceof ScalarNode from)
                    || !(tuple.getValueNode() instanceof ScalarNode to)
                    || isNull(to)) {
                problem(tuple.getKeyNode(), key + " has a name on each side, and this is none");
                return null;
            }
            if (pairs.put(from.getValue(), to.getValue()) != null) {
                problem(from, key + ": " + from.getValue() + " stands there twice");
                return null;
            }
        }
        return new Pairs(pairs);
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
