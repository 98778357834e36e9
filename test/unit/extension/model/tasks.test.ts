import assert from 'node:assert/strict';
import { JobModel, type ModelChange } from '../../../../src/extension/model/jobModel.ts';
import { jobRecord, statusEvent } from '../jobs.ts';

const array = { tasks: 2, numbers: '1-2', maxRunning: null, ended: 0, failed: 0, byStatus: { running: 2 } };

describe('JobModel and the tasks of arrays', () => {
  it('knows no task as a job, and tells which array has changed', () => {
    const model = new JobModel(() => assert.fail('nothing is finished'));
    const parent = jobRecord('running', { array });
    model.reset({ jobs: [parent], bySession: {}, failures: [] });
    const [changes, ends, arrays]: [ModelChange[], unknown[], string[]] = [[], [], []];
    model.onDidChange((change) => changes.push(change));
    model.onDidEnd((end) => ends.push(end));
    model.onDidChangeTasks((id) => arrays.push(id));
    const task = jobRecord('failed', { task: { array: parent.id, number: 1, item: null } });
    model.apply(statusEvent('running', task));
    assert.deepEqual([changes, ends, arrays], [[], [], [parent.id]]);
    assert.deepEqual([model.jobs().length, model.total(task.session, 'finished')], [1, 0]);
    assert.equal(model.job(task.id), undefined);

    model.know([task]);
    assert.equal(model.job(task.id), task);
    assert.equal(model.jobs().length, 1);
    model.setArray({ ...parent, array: { ...array, ended: 1 } });
    assert.deepEqual([changes.length, [...(changes[0]?.jobs ?? [])]], [1, [parent.id]]);
    assert.equal(model.job(parent.id)?.array?.ended, 1);
    // An answer that is older than the last event says nothing.
    model.setArray({ ...parent, status: 'pending' });
    assert.equal(model.job(parent.id)?.status, 'running');
  });
});
