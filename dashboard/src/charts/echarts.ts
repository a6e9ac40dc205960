// ECharts, only the parts that are drawn with. It is large, so nothing imports this file but `load()`.

import { BarChart, LineChart, PieChart, SankeyChart } from "echarts/charts";
import { GridComponent, MarkLineComponent, TooltipComponent } from "echarts/components";
import { getInstanceByDom, init, use } from "echarts/core";
import { CanvasRenderer } from "echarts/renderers";

use([BarChart, LineChart, PieChart, SankeyChart, GridComponent, MarkLineComponent, TooltipComponent, CanvasRenderer]);

export { getInstanceByDom, init };
