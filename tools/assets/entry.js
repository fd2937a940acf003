// The parts of Apache ECharts that Orrery's reports draw with, and nothing else.
import * as echarts from 'echarts/core';
import {
  BarChart, BoxplotChart, CustomChart, HeatmapChart, LineChart, SankeyChart, ScatterChart, ThemeRiverChart,
} from 'echarts/charts';
import {
  AriaComponent, AxisPointerComponent, DataZoomComponent, DatasetComponent, GraphicComponent, GridComponent,
  LegendComponent, MarkAreaComponent, MarkLineComponent, MarkPointComponent, SingleAxisComponent, TitleComponent,
  TooltipComponent, VisualMapComponent,
} from 'echarts/components';
import { LabelLayout } from 'echarts/features';
import { CanvasRenderer } from 'echarts/renderers';

echarts.use([
  BarChart, BoxplotChart, CustomChart, HeatmapChart, LineChart, SankeyChart, ScatterChart, ThemeRiverChart,
  AriaComponent, AxisPointerComponent, DataZoomComponent, DatasetComponent, GraphicComponent, GridComponent,
  LegendComponent, MarkAreaComponent, MarkLineComponent, MarkPointComponent, SingleAxisComponent, TitleComponent,
  TooltipComponent, VisualMapComponent, LabelLayout, CanvasRenderer,
]);

export const init = echarts.init;
export const getInstanceByDom = echarts.getInstanceByDom;
export const version = echarts.version;
