// The operator's page of usage: the same charts as in the console.
import { drawCharts } from "./time_chart";

drawCharts();
