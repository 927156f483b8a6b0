import "./tokens.css";
import "./base.css";
import "virtual:theme.css";
import "./mantine.css";
import "./print.css";
