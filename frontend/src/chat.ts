// The conversation page's script. The site's comes first: it installs the policy for HTML.
import "./site";
import { readFacts } from "./facts";
import { tellOutcomes } from "./outcomes";
import { Page } from "./page";

new Page().start();
tellOutcomes(readFacts());
